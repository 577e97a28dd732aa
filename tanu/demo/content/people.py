"""The holders: specimens. Family names are made of words such as үлгі (pattern), сынақ (trial) and мысал (example).

An IIN has a valid check digit and century digit 1 or 2, so it belongs to someone born in the 1800s: to no one.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from schemas.numbers import is_iin

Spelled = tuple[str | None, str | None, str | None]
"""In Kazakh, Russian and English, as the identity document has it."""


@dataclass(frozen=True)
class Person:
    """A specimen holder; whoever has no IIN in the file has a date of birth."""

    family: Spelled
    given: Spelled
    patronymic: Spelled
    iin: str | None
    birth_date: date | None
    first_language: str


def _iin(number: int, woman: bool) -> str:
    """An IIN of the 1800s; the serial grows until a check digit exists."""
    born = date(1881, 2, 3) + timedelta(days=137 * number)
    for serial in range(1001 + 7 * number, 9999):
        body = f"{born:%y%m%d}{2 if woman else 1}{serial}"
        for check in range(10):
            if is_iin(f"{body}{check}"):
                return f"{body}{check}"
    raise ValueError(f"no IIN for specimen {number}")


# Family name, given name, patronymic, each as kk/ru/en; w for a woman; the document's first language.
# A date of birth instead of the IIN stands behind where the office has no IIN.
_TABLE = """
Үлгібаева/Улгибаева/Ulgibayeva | Әлия/Алия/Aliya | Қуанышқызы/Куанышкызы/Kuanyshkyzy | w kk
Сынақов/Сынаков/Synakov | Ғалымжан/Галымжан/Galymzhan | Өмірбекұлы/Омирбекулы/Omirbekuly | m kk
Мысалиева/Мысалиева/Mysaliyeva | Ұлжан/Улжан/Ulzhan | Нұрланқызы/Нурланкызы/Nurlankyzy | w kk
Тексеров/Тексеров/Texerov | Әсет/Асет/Asset | Бөлекұлы/Болекулы/Bolekuly | m ru
Дерекбаева/Дерекбаева/Derekbayeva | Гүлнәр/Гульнар/Gulnar | Шәкенқызы/Шакенкызы/Shakenkyzy | w kk
Нұсқабеков/Нускабеков/Nuskabekov | Өмірбек/Омирбек/Omirbek | Ілиясұлы/Илиясулы/Iliyasuly | m kk
Қағазбекова/Кагазбекова/Kagazbekova | Іңкәр/Инкар/Inkar | Таңатқызы/Танаткызы/Tanatkyzy | w kk
Мөрбасов/Морбасов/Morbassov | Һарун/Харун/Kharun | Әділұлы/Адилулы/Adiluly | m kk
Тізімбаева/Тизимбаева/Tizimbayeva | Жаңыл/Жаныл/Zhanyl | Ғабитқызы/Габиткызы/Gabitkyzy | w ru
Санақов/Санаков/Sanakov | Дәурен/Даурен/Dauren | Үмітұлы/Умитулы/Umituly | m kk
Образцова/Образцова/Obraztsova | Вера/Вера/Vera | Сергеевна/Сергеевна/Sergeyevna | w ru
Жобабеков/Жобабеков/Zhobabekov | Шыңғыс/Чингис/Chingis | Ерғалиұлы/Ергалиулы/Yergaliuly | m kk
Байқауова/Байкауова/Baikauova | Күләш/Куляш/Kulyash | Сәкенқызы/Сакенкызы/Sakenkyzy | w kk
Іздебаев/Издебаев/Izdebayev | Мұхтар/Мухтар/Mukhtar | Қанатұлы/Канатулы/Kanatuly | m kk
Бланкова/Бланкова/Blankova | Ирина/Ирина/Irina | Олеговна/Олеговна/Olegovna | w ru
Көшірмеев/Коширмеев/Koshirmeyev | Төлеген/Толеген/Tolegen | Жұмабайұлы/Жумабайулы/Zhumabaiuly | m kk
Белгібаева/Белгибаева/Belgibayeva | Мәншүк/Маншук/Manshuk | Әбдіқызы/Абдикызы/Abdikyzy | w kk
Тәжірибаев/Тажирибаев/Tazhiribayev | Еркін/Еркин/Yerkin | Ұланұлы/Уланулы/Ulanuly | m kk
Жаттығуова/Жаттыгуова/Zhattyguova | Айгүл/Айгуль/Aigul | Төреқызы/Торекызы/Torekyzy | w kk
Примеров/Примеров/Primerov | Олег/Олег/Oleg | Иванович/Иванович/Ivanovich | m ru
Сұлбабекова/Сулбабекова/Sulbabekova | Раушан/Раушан/Raushan | Ғаниқызы/Ганикызы/Ganikyzy | w kk 1994-05-17
Кестебаев/Кестебаев/Kestebayev | Әнуар/Ануар/Anuar | | m kk
-/-/Mustermann | -/-/Erika | | w en 1990-08-12
Парақбаева/Паракбаева/Parakbayeva | Һамида/Хамида/Khamida | Қайратқызы/Кайраткызы/Kairatkyzy | w kk
Жазбабаев/Жазбабаев/Zhazbabayev | Үсен/Усен/Ussen | Мәлікұлы/Маликулы/Malikuly | m kk
Таңбабекова/Танбабекова/Tanbabekova | Жібек/Жибек/Zhibek | Өтегенқызы/Отегенкызы/Otegenkyzy | w kk
Макетов/Макетов/Maketov | Денис/Денис/Denis | Павлович/Павлович/Pavlovich | m ru
Өлшембаев/Олшембаев/Olshembayev | Қайсар/Кайсар/Kaisar | Ілесұлы/Илесулы/Ilessuly | m kk
Көрсетпеева/Корсетпеева/Korsetpeyeva | Сәуле/Сауле/Saule | Жәнібекқызы/Жанибеккызы/Zhanibekkyzy | w kk
Үлгішенов/Улгишенов/Ulgishenov | Тұрар/Турар/Turar | Ғаббасұлы/Габбасулы/Gabbasuly | m kk
Тестова/Тестова/Testova | Мария/Мария/Mariya | Андреевна/Андреевна/Andreyevna | w ru
Сызбаев/Сызбаев/Syzbayev | Нұржан/Нуржан/Nurzhan | Еңсегенұлы/Енсегенулы/Yensegenuly | m kk
Мәтінбаева/Матинбаева/Matinbayeva | Ақбөпе/Акбопе/Akbope | Сәбитқызы/Сабиткызы/Sabitkyzy | w kk
Қосымшаев/Косымшаев/Kossymshayev | Бауыржан/Бауыржан/Bauyrzhan | Әуесұлы/Ауесулы/Auessuly | m kk
Шаблонов/Шаблонов/Shablonov | Артём/Артём/Artyom | Юрьевич/Юрьевич/Yuryevich | m ru
Үзіндібекова/Узиндибекова/Uzindibekova | Гүлсім/Гульсим/Gulsim | Ыбырайқызы/Ибрайкызы/Ybyraikyzy | w kk
Хаттамаев/Хаттамаев/Khattamayev | Еңсеген/Енсеген/Yensegen | Һидаятұлы/Хидаятулы/Khidayatuly | m kk 1997-11-03
Жолдабеков/Жолдабеков/Zholdabekov | Мәди/Мади/Madi | Ғафурұлы/Гафурулы/Gafuruly | m kk
Бағанбаева/Баганбаева/Baganbayeva | Назгүл/Назгуль/Nazgul | Құдайбергенқызы/Кудайбергенкызы/Kudaibergenkyzy | w kk
Сілтемеев/Силтемеев/Siltemeyev | Іргебай/Иргебай/Irgebai | Өсербайұлы/Осербайулы/Osserbaiuly | m kk
Деректемеева/Деректемеева/Derektemeyeva | Әйгерім/Айгерим/Aigerim | Мұратқызы/Мураткызы/Muratkyzy | w kk
Суреттеев/Суреттеев/Suretteyev | Ғани/Гани/Gani | Шәріпұлы/Шарипулы/Sharipuly | m kk
Тірекова/Тирекова/Tirekova | Күнсұлу/Кунсулу/Kunsulu | Жүнісқызы/Жунискызы/Zhuniskyzy | w kk
Эскизова/Эскизова/Eskizova | Лариса/Лариса/Larissa | Викторовна/Викторовна/Viktorovna | w ru
"""


def _spelled(cell: str) -> Spelled:
    kk, ru, en = (part if part != "-" else None for part in cell.strip().split("/")) if cell.strip() else (None,) * 3
    return kk, ru, en


def _people() -> Iterator[Person]:
    for number, line in enumerate(_TABLE.strip().splitlines()):
        family, given, patronymic, rest = line.split("|")
        sex, language, *born = rest.split()
        yield Person(
            _spelled(family),
            _spelled(given),
            _spelled(patronymic),
            None if born else _iin(number, sex == "w"),
            date.fromisoformat(born[0]) if born else None,
            language,
        )


PEOPLE = tuple(_people())
