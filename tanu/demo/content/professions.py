"""One day's decisions of the specimen recognition centre (kind 2): six professions, eight candidates.

Titles of standards and their acts are specimens, except that the wording follows the labour functions of such work.
"""

from datetime import date
from typing import Any

from tanu.demo.content.people import PEOPLE

DECIDED = date(2026, 11, 19)

PROFESSIONS: tuple[dict[str, Any], ...] = (
    {
        "code": "7412-1-012",
        "title": (
            "Электр жабдығын жөндеу және оған қызмет көрсету жөніндегі электромонтер",
            "Электромонтёр по ремонту и обслуживанию электрооборудования",
            "Electrician for repair and maintenance of electrical equipment",
        ),
        "standard": (
            "«Электр жабдығын пайдалану» (үлгі)",
            "«Эксплуатация электрооборудования» (образец)",
            "“Operation of electrical equipment” (specimen)",
        ),
        "act": "Образец: приказ отраслевого министерства от 12 марта 2025 года № 87",
        "nqf": 3,
        "programme": (
            "КП-7412",
            "2.1",
            (
                "Электромонтердің біліктілігін бағалау",
                "Оценка квалификации электромонтёра",
                "Assessment of an electrician’s qualification",
            ),
        ),
        "card": "ТК-7412-03",
        "functions": (
            (
                "Ф1",
                "Электр жабдығына техникалық қызмет көрсету",
                "Техническое обслуживание электрооборудования",
                "Maintaining electrical equipment",
            ),
            (
                "Ф2",
                "Ақаулықты анықтау және жою",
                "Выявление и устранение неисправностей",
                "Finding and repairing faults",
            ),
            (
                "Ф3",
                "Электр қауіпсіздігі талаптарын орындау",
                "Соблюдение требований электробезопасности",
                "Keeping the requirements of electrical safety",
            ),
        ),
    },
    {
        "code": "7212-1-004",
        "title": ("Электргазбен дәнекерлеуші", "Электрогазосварщик", "Electric and gas welder"),
        "standard": ("«Дәнекерлеу жұмыстары» (үлгі)", "«Сварочные работы» (образец)", "“Welding” (specimen)"),
        "act": "Образец: приказ отраслевого министерства от 4 июня 2025 года № 153",
        "nqf": 3,
        "programme": (
            "КП-7212",
            "1.4",
            (
                "Дәнекерлеушінің біліктілігін бағалау",
                "Оценка квалификации сварщика",
                "Assessment of a welder’s qualification",
            ),
        ),
        "card": "ТК-7212-01",
        "functions": (
            ("Ф1", "Бөлшектерді дәнекерлеуге дайындау", "Подготовка деталей к сварке", "Preparing parts for welding"),
            (
                "Ф2",
                "Қолмен доғалық дәнекерлеуді орындау",
                "Выполнение ручной дуговой сварки",
                "Carrying out manual arc welding",
            ),
            (
                "Ф3",
                "Дәнекерленген жіктің сапасын бақылау",
                "Контроль качества сварного шва",
                "Checking the quality of a weld",
            ),
        ),
    },
    {
        "code": "5120-2-001",
        "title": ("Аспаз", "Повар", "Cook"),
        "standard": ("«Қоғамдық тамақтандыру» (үлгі)", "«Общественное питание» (образец)", "“Catering” (specimen)"),
        "act": "Образец: приказ отраслевого министерства от 21 октября 2024 года № 201",
        "nqf": 3,
        "programme": (
            "КП-5120",
            "3.0",
            ("Аспаздың біліктілігін бағалау", "Оценка квалификации повара", "Assessment of a cook’s qualification"),
        ),
        "card": "ТК-5120-02",
        "functions": (
            ("Ф1", "Өнімді қабылдау және сақтау", "Приёмка и хранение продуктов", "Receiving and storing food"),
            (
                "Ф2",
                "Суық және ыстық тағамдарды дайындау",
                "Приготовление холодных и горячих блюд",
                "Preparing cold and hot dishes",
            ),
            ("Ф3", "Санитарлық талаптарды сақтау", "Соблюдение санитарных требований", "Keeping the rules of hygiene"),
        ),
    },
    {
        "code": "7531-1-006",
        "title": ("Тігінші", "Швея", "Sewing machine operator"),
        "standard": ("«Тігін өндірісі» (үлгі)", "«Швейное производство» (образец)", "“Garment production” (specimen)"),
        "act": "Образец: приказ отраслевого министерства от 9 сентября 2025 года № 240",
        "nqf": 2,
        "programme": (
            "КП-7531",
            "1.0",
            (
                "Тігіншінің біліктілігін бағалау",
                "Оценка квалификации швеи",
                "Assessment of a sewing machine operator’s qualification",
            ),
        ),
        "card": "ТК-7531-05",
        "functions": (
            (
                "Ф1",
                "Тігін машинасын жұмысқа дайындау",
                "Подготовка швейной машины к работе",
                "Preparing a sewing machine for work",
            ),
            (
                "Ф2",
                "Бұйым бөліктерін тігу және өңдеу",
                "Пошив и обработка узлов изделия",
                "Sewing and finishing parts of a garment",
            ),
        ),
    },
    {
        "code": "2513-1-002",
        "title": ("Веб-әзірлеуші", "Веб-разработчик", "Web developer"),
        "standard": (
            "«Веб-қосымшаларды әзірлеу» (үлгі)",
            "«Разработка веб-приложений» (образец)",
            "“Development of web applications” (specimen)",
        ),
        "act": "Образец: приказ отраслевого министерства от 30 января 2026 года № 12",
        "nqf": 5,
        "programme": (
            "КП-2513",
            "4.2",
            (
                "Веб-әзірлеушінің біліктілігін бағалау",
                "Оценка квалификации веб-разработчика",
                "Assessment of a web developer’s qualification",
            ),
        ),
        "card": "ТК-2513-07",
        "functions": (
            (
                "Ф1",
                "Пайдаланушы интерфейсін әзірлеу",
                "Разработка пользовательского интерфейса",
                "Developing a user interface",
            ),
            (
                "Ф2",
                "Серверлік бөлікті және деректер базасын әзірлеу",
                "Разработка серверной части и базы данных",
                "Developing the server side and its database",
            ),
            (
                "Ф3",
                "Тестілеу және қауіпсіздікті тексеру",
                "Тестирование и проверка безопасности",
                "Testing and checking security",
            ),
        ),
    },
    {
        "code": "5322-1-001",
        "title": (
            "Үйде күтім жасайтын әлеуметтік қызметкер",
            "Социальный работник по уходу на дому",
            "Home care worker",
        ),
        "requirements": (
            "Үйде күтім жасайтын әлеуметтік қызметкерге қойылатын біліктілік талаптары (үлгі)",
            "Квалификационные требования к социальному работнику по уходу на дому (образец)",
            "Qualification requirements for a home care worker (specimen)",
        ),
        "act": "Образец: квалификационный справочник должностей, раздел 14",
        "nqf": 3,
        "programme": (
            "КП-5322",
            "1.1",
            (
                "Күтім жасайтын қызметкердің біліктілігін бағалау",
                "Оценка квалификации работника по уходу",
                "Assessment of a care worker’s qualification",
            ),
        ),
        "card": "ТК-5322-02",
        "functions": (
            (
                "Ф1",
                "Күтім жоспарын жасау және орындау",
                "Составление и выполнение плана ухода",
                "Making and following a care plan",
            ),
            ("Ф2", "Алғашқы көмек көрсету", "Оказание первой помощи", "Giving first aid"),
        ),
    },
)

# Profession (its place above), correct answers, questions in all, form of the exam.
_EXAMS = (
    (0, 36, 50, "в центре (офлайн)"),
    (1, 29, 40, "в центре (офлайн)"),
    (2, 38, 40, "в центре (офлайн)"),
    (3, 33, 40, "в центре (офлайн)"),
    (4, 58, 60, "онлайн с прокторингом"),
    (5, 31, 40, "в центре (офлайн)"),
    (0, 47, 50, "в центре (офлайн)"),
    (4, 44, 60, "онлайн с прокторингом"),
)
CANDIDATES: tuple[tuple[Any, ...], ...] = tuple(
    (PROFESSIONS[at], person, *exam) for person, (at, *exam) in zip(PEOPLE[26:34], _EXAMS, strict=True)
)
"""(profession, candidate, correct answers, questions, form of the exam)."""
