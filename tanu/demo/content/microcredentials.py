# ruff: noqa: E501 - one text in one language is one line, so that a change of wording is one line as well
"""The certification list of the specimen university's faculty: four programmes in the field of education (kind 1).

Complete by clause 4.1 of the Regulation: goals, outcomes as knowledge, abilities and skills, labour functions of the
professional standard «Педагог», assessment, volume, level, recognisability. Texts stand as kk, ru, en.
"""

from datetime import date
from typing import Any

from tanu.demo.content.people import PEOPLE, Person

Words = tuple[str, str, str]

STANDARD: Words = (
    "«Педагог» кәсіптік стандарты",
    "Профессиональный стандарт «Педагог»",
    "Professional standard “Pedagogue”",
)
APPROVAL = "Приказ и.о. Министра просвещения Республики Казахстан от 15 декабря 2022 года № 500"
QUALITY: Words = (
    "ESG 1.2, 1.3 және 1.9 бойынша ішкі сапа кепілі: жыл сайынғы аудит, сыртқы сарапшылар, білім алушылар мен жұмыс берушілердің пікірі",
    "Внутреннее обеспечение качества по ESG 1.2, 1.3 и 1.9: ежегодный аудит, внешние эксперты, отзывы обучающихся и работодателей",
    "Internal quality assurance by ESG 1.2, 1.3 and 1.9: yearly audit, external experts, feedback of learners and employers",
)
RECOGNISED: Words = (
    "Үлгі университетінің бакалавриат және магистратура бағдарламаларында пән немесе модуль ретінде қайта есептеуге ұсынуға болады; жұмыс берушілер педагогтің кәсіптік дамуы ретінде ескере алады",
    "Может быть представлена к перезачёту как дисциплина или модуль программ бакалавриата и магистратуры; работодатели могут учесть её как профессиональное развитие педагога",
    "May be presented for credit transfer as a course or module of bachelor’s and master’s programmes; employers may take it into account as a teacher’s professional development",
)
STACKABLE: Words = (
    "Дербес; «Мұғалімнің цифрлық құзыреттері» топтамасының бір бөлігі",
    "Самостоятельная; часть серии «Цифровые компетенции учителя»",
    "Stand-alone; part of the series “Digital competences of a teacher”",
)

PROGRAMMES: tuple[dict[str, Any], ...] = (
    {
        "code": "MC-DAM-2026",
        "title": (
            "Математиканы оқытудағы цифрлық бағалау",
            "Цифровое оценивание в обучении математике",
            "Digital assessment in mathematics teaching",
        ),
        "goals": (
            "Мұғалімді қалыптастырушы және жиынтық бағалаудың цифрлық тапсырмаларын әзірлеуге, олардың сапасын деректермен тексеруге және нәтижесін оқытуды жақсартуға пайдалануға үйрету",
            "Научить учителя разрабатывать цифровые задания формативного и суммативного оценивания, проверять их качество по данным и использовать результаты для улучшения обучения",
            "To teach a teacher to design digital tasks of formative and summative assessment, to check their quality with data, and to use the results to improve teaching",
        ),
        "ects": 3,
        "hours": 90,
        "eqf": 6,
        "nqf": 6,
        "field": "0114",
        "participation": "аралас",
        "method": (
            "Цифрлық тапсырмалар банкі бар портфолио (60 %) және бір бағалау жобасын қорғау (40 %)",
            "Портфолио с банком цифровых заданий (60 %) и защита одного проекта оценивания (40 %)",
            "Portfolio with a bank of digital tasks (60 %) and the defence of one assessment project (40 %)",
        ),
        "supervision": (
            "Қорғау аудиторияда өтеді, жеке басы құжат бойынша расталады",
            "Защита проходит в аудитории, личность подтверждается по документу",
            "The defence is held on site; identity is checked against a document",
        ),
        "entry": (
            "Жоғары педагогикалық білім немесе 3-курс білім алушысы",
            "Высшее педагогическое образование или обучение на 3 курсе и выше",
            "Higher pedagogical education, or study in the third year or later",
        ),
        "languages": "қазақша; орысша",
        "outcomes": (
            (
                "knowledge",
                "Бағалау түрлерін, критерийлік бағалау талаптарын және тапсырманың валидтілігі мен сенімділігін түсіндіреді",
                "Объясняет виды оценивания, требования критериального оценивания, валидность и надёжность задания",
                "Explains kinds of assessment, the requirements of criterion-based assessment, and the validity and reliability of a task",
            ),
            (
                "knowledge",
                "Математикалық тапсырмалардың цифрлық форматтарын және олардың шектеулерін сипаттайды",
                "Описывает цифровые форматы математических заданий и их ограничения",
                "Describes digital formats of mathematical tasks and their limits",
            ),
            (
                "abilities",
                "Динамикалық геометрия мен формула енгізуді қолданатын тапсырма құрастырады",
                "Составляет задания с динамической геометрией и вводом формул",
                "Composes tasks with dynamic geometry and formula input",
            ),
            (
                "abilities",
                "Тапсырманың қиындығы мен ажырату қабілетін сынып деректері бойынша есептейді",
                "Рассчитывает трудность и дискриминативность задания по данным класса",
                "Computes the difficulty and discrimination of a task from class data",
            ),
            (
                "skills",
                "Бағалау нәтижесі бойынша келесі сабақтарды түзетеді және оқушыға кері байланыс береді",
                "Корректирует следующие уроки по результатам оценивания и даёт ученику обратную связь",
                "Adjusts the next lessons by the results of assessment and gives feedback to the learner",
            ),
        ),
        "functions": (
            (
                "ПЕД-1",
                "Оқу процесін жоспарлау және өткізу",
                "Планирование и проведение учебного процесса",
                "Planning and conducting teaching",
            ),
            (
                "ПЕД-3",
                "Білім алушылардың жетістіктерін бағалау және кері байланыс беру",
                "Оценивание достижений обучающихся и предоставление обратной связи",
                "Assessing learners’ achievements and giving feedback",
            ),
        ),
        "modules": (
            (
                "Критерийлік бағалау негіздері",
                "Основы критериального оценивания",
                "Foundations of criterion-based assessment",
                24,
                "0,8",
            ),
            (
                "Математикалық тапсырмалардың цифрлық форматтары",
                "Цифровые форматы математических заданий",
                "Digital formats of mathematical tasks",
                36,
                "1,2",
            ),
            (
                "Деректер бойынша тапсырма сапасын талдау",
                "Анализ качества заданий по данным",
                "Analysing the quality of tasks with data",
                30,
                1,
            ),
        ),
    },
    {
        "code": "MC-STEM-2026",
        "title": (
            "STEM және робототехника сабақтарын жобалау",
            "Проектирование уроков STEM и робототехники",
            "Designing STEM and robotics lessons",
        ),
        "goals": (
            "Мұғалімді физика, информатика және технологияны біріктіретін жобалық сабақтарды жобалауға, оларды қауіпсіз өткізуге және оқушының инженерлік ойлауын бағалауға дайындау",
            "Подготовить учителя к проектированию проектных уроков, объединяющих физику, информатику и технологию, к их безопасному проведению и оцениванию инженерного мышления учеников",
            "To prepare a teacher to design project lessons that join physics, informatics and technology, to hold them safely, and to assess learners’ engineering thinking",
        ),
        "ects": 5,
        "hours": 150,
        "eqf": 6,
        "nqf": 6,
        "field": "0114",
        "participation": "бетпе-бет",
        "method": (
            "Оқу роботы бар үш сабақтың жобасы, ашық сабақ және өзін-өзі талдау",
            "Проект трёх уроков с учебным роботом, открытый урок и самоанализ",
            "A project of three lessons with an educational robot, an open lesson, and self-analysis",
        ),
        "supervision": (
            "Ашық сабақты екі емтихан алушы мен сыртқы сарапшы бақылайды",
            "Открытый урок наблюдают два экзаменатора и внешний эксперт",
            "Two examiners and an external expert observe the open lesson",
        ),
        "entry": (
            "Физика, информатика немесе технология мұғалімі; бағдарламалау негіздері",
            "Учитель физики, информатики или технологии; основы программирования",
            "Teacher of physics, informatics or technology; basics of programming",
        ),
        "languages": "қазақша; орысша; ағылшынша",
        "outcomes": (
            (
                "knowledge",
                "Жобалық оқытудың кезеңдерін және STEM сабағының құрылымын түсіндіреді",
                "Объясняет этапы проектного обучения и структуру урока STEM",
                "Explains the stages of project-based learning and the structure of a STEM lesson",
            ),
            (
                "knowledge",
                "Микроконтроллердің, датчиктер мен жетектердің жұмыс принципін сипаттайды",
                "Описывает принцип работы микроконтроллера, датчиков и приводов",
                "Describes how a microcontroller, sensors and drives work",
            ),
            (
                "abilities",
                "Оқу мақсатына сай инженерлік тапсырма мен бағалау рубрикасын құрастырады",
                "Составляет инженерное задание и рубрику оценивания под цель урока",
                "Composes an engineering task and an assessment rubric for the lesson’s objective",
            ),
            (
                "abilities",
                "Сыныптың мүмкіндігіне қарай жинақты таңдап, жұмыс орнын қауіпсіз ұйымдастырады",
                "Подбирает набор под возможности класса и безопасно организует рабочее место",
                "Chooses a kit to suit the class and arranges the workplace safely",
            ),
            (
                "skills",
                "Оқу роботын құрастырып, бағдарламалайды және оқушылардың қателерін түзетуге көмектеседі",
                "Собирает и программирует учебного робота и помогает ученикам исправлять ошибки",
                "Builds and programs an educational robot and helps learners to correct their errors",
            ),
            (
                "skills",
                "Топтық жұмысты басқарып, жобаны көпшілік алдында таныстыруды ұйымдастырады",
                "Ведёт работу групп и организует публичное представление проекта",
                "Leads group work and organises the public presentation of a project",
            ),
        ),
        "functions": (
            (
                "ПЕД-1",
                "Оқу процесін жоспарлау және өткізу",
                "Планирование и проведение учебного процесса",
                "Planning and conducting teaching",
            ),
            (
                "ПЕД-4",
                "Білім беру ортасын және оқу құралдарын әзірлеу",
                "Разработка образовательной среды и средств обучения",
                "Developing the learning environment and teaching aids",
            ),
        ),
        "modules": (
            (
                "STEM сабағының педагогикалық дизайны",
                "Педагогический дизайн урока STEM",
                "Pedagogical design of a STEM lesson",
                45,
                "1,5",
            ),
            (
                "Оқу робототехникасы: құрастыру және бағдарламалау",
                "Учебная робототехника: сборка и программирование",
                "Educational robotics: building and programming",
                60,
                2,
            ),
            (
                "Ашық сабақ және рефлексия практикумы",
                "Практикум: открытый урок и рефлексия",
                "Practicum: open lesson and reflection",
                45,
                "1,5",
            ),
        ),
    },
    {
        "code": "MC-AIL-2026",
        "title": (
            "Информатика мұғаліміне арналған жасанды интеллект сауаттылығы",
            "Грамотность в области искусственного интеллекта для учителя информатики",
            "Artificial intelligence literacy for teachers of informatics",
        ),
        "goals": (
            "Мұғалімді машиналық оқыту негіздерін оқушыға түсінікті етіп жеткізуге, жасанды интеллект құралдарын сыни бағалауға және оларды этика мен дербес деректер талаптарын сақтай отырып қолдануға дайындау",
            "Подготовить учителя понятно объяснять основы машинного обучения, критически оценивать инструменты искусственного интеллекта и применять их с соблюдением этики и защиты персональных данных",
            "To prepare a teacher to explain the basics of machine learning clearly, to judge tools of artificial intelligence critically, and to use them with regard to ethics and the protection of personal data",
        ),
        "ects": 4,
        "hours": 120,
        "eqf": 7,
        "nqf": 7,
        "field": "0114",
        "participation": "қашықтан (онлайн)",
        "method": (
            "Прокторингпен онлайн тест (30 %) және сынақтан өткен оқу модулінің жобасы (70 %)",
            "Онлайн-тест с прокторингом (30 %) и проект апробированного учебного модуля (70 %)",
            "Proctored online test (30 %) and the project of a teaching module tried in class (70 %)",
        ),
        "supervision": (
            "Онлайн бақылау, жеке басы видеобайланыс арқылы расталады",
            "Онлайн-надзор, личность подтверждается по видеосвязи",
            "Supervised online; identity is checked by video",
        ),
        "entry": (
            "Бакалавр дәрежесі және информатика пәнін оқыту тәжірибесі",
            "Степень бакалавра и опыт преподавания информатики",
            "Bachelor’s degree and experience in teaching informatics",
        ),
        "languages": "орысша; ағылшынша",
        "outcomes": (
            (
                "knowledge",
                "Машиналық оқытудың негізгі әдістерін, деректердің рөлін және модель қателігінің көздерін түсіндіреді",
                "Объясняет основные методы машинного обучения, роль данных и источники ошибок модели",
                "Explains the main methods of machine learning, the role of data and the sources of a model’s errors",
            ),
            (
                "knowledge",
                "Жасанды интеллектіні мектепте қолданудың этикалық және құқықтық талаптарын сипаттайды",
                "Описывает этические и правовые требования к применению искусственного интеллекта в школе",
                "Describes the ethical and legal requirements for using artificial intelligence at school",
            ),
            (
                "abilities",
                "Сынып деректерімен шағын модельді оқытады және оның нәтижесін сыни талдайды",
                "Обучает небольшую модель на данных класса и критически анализирует её результат",
                "Trains a small model on class data and analyses its result critically",
            ),
            (
                "abilities",
                "Құралды дербес деректерді қорғау, қолжетімділік және әділдік тұрғысынан бағалайды",
                "Оценивает инструмент с точки зрения защиты персональных данных, доступности и справедливости",
                "Judges a tool with regard to data protection, accessibility and fairness",
            ),
            (
                "skills",
                "Жас ерекшелігіне сай оқу модулін әзірлейді, сыныпта сынақтан өткізеді және жетілдіреді",
                "Разрабатывает учебный модуль с учётом возраста, апробирует его в классе и дорабатывает",
                "Develops a teaching module to suit learners’ age, tries it in class and improves it",
            ),
        ),
        "functions": (
            (
                "ПЕД-2",
                "Білім алушының тұлғалық дамуы мен академиялық адалдығын қолдау",
                "Поддержка личностного развития и академической честности обучающегося",
                "Supporting learners’ personal development and academic integrity",
            ),
            (
                "ПЕД-4",
                "Білім беру ортасын және оқу құралдарын әзірлеу",
                "Разработка образовательной среды и средств обучения",
                "Developing the learning environment and teaching aids",
            ),
            (
                "ПЕД-5",
                "Зерттеу жүргізу және әріптестермен тәжірибе алмасу",
                "Проведение исследований и обмен опытом с коллегами",
                "Doing research and sharing experience with colleagues",
            ),
        ),
        "modules": (
            ("Машиналық оқыту негіздері", "Основы машинного обучения", "Basics of machine learning", 45, "1,5"),
            (
                "Мектептегі жасанды интеллект: этика және деректер",
                "Искусственный интеллект в школе: этика и данные",
                "Artificial intelligence at school: ethics and data",
                30,
                1,
            ),
            (
                "Оқу модулін әзірлеу және сынақтан өткізу",
                "Разработка и апробация учебного модуля",
                "Developing and trying a teaching module",
                45,
                "1,5",
            ),
        ),
    },
    {
        "code": "MC-LAB-2026",
        "title": (
            "Мектеп физикасының цифрлық зертханасы",
            "Цифровая лаборатория школьной физики",
            "The digital laboratory of school physics",
        ),
        "goals": (
            "Зертханашы мен мұғалімді цифрлық датчиктермен тәжірибе дайындауға, өлшеу қателігін бағалауға және қауіпсіздікті қамтамасыз етуге үйрету",
            "Научить лаборанта и учителя готовить опыты с цифровыми датчиками, оценивать погрешность измерений и обеспечивать безопасность",
            "To teach a laboratory assistant or teacher to prepare experiments with digital sensors, to estimate errors of measurement and to keep everyone safe",
        ),
        "ects": 2,
        "hours": 60,
        "eqf": 5,
        "nqf": 5,
        "field": "0114",
        "participation": "бетпе-бет",
        "method": (
            "Үш зертханалық жұмысты орындау және қауіпсіздік бойынша тест",
            "Выполнение трёх лабораторных работ и тест по безопасности",
            "Three laboratory works carried out, and a test on safety",
        ),
        "supervision": (
            "Зертханада емтихан алушының қатысуымен, жеке басы құжат бойынша расталады",
            "В лаборатории в присутствии экзаменатора, личность подтверждается по документу",
            "In the laboratory with an examiner present; identity is checked against a document",
        ),
        "entry": (
            "Орта білімнен кейінгі немесе жоғары білім",
            "Послесреднее или высшее образование",
            "Post-secondary or higher education",
        ),
        "languages": "қазақша",
        "outcomes": (
            (
                "knowledge",
                "Датчиктердің түрлерін, өлшеу диапазоны мен қателігін түсіндіреді",
                "Объясняет виды датчиков, их диапазон и погрешность",
                "Explains kinds of sensors, their range and their error",
            ),
            (
                "abilities",
                "Тәжірибені дайындап, деректерді жазып алады және кестемен, графикпен көрсетеді",
                "Готовит опыт, записывает данные и представляет их таблицей и графиком",
                "Prepares an experiment, records data and shows them in tables and graphs",
            ),
            (
                "skills",
                "Сыныпта қауіпсіздік ережесін сақтай отырып, цифрлық өлшеуді жүргізеді",
                "Проводит цифровые измерения в классе с соблюдением правил безопасности",
                "Carries out digital measurements in class while keeping the safety rules",
            ),
        ),
        "functions": (
            (
                "ПЕД-4",
                "Білім беру ортасын және оқу құралдарын әзірлеу",
                "Разработка образовательной среды и средств обучения",
                "Developing the learning environment and teaching aids",
            ),
        ),
        "modules": (
            (
                "Цифрлық датчиктер және өлшеу қателігі",
                "Цифровые датчики и погрешность измерений",
                "Digital sensors and errors of measurement",
                30,
                1,
            ),
            ("Зертханалық практикум", "Лабораторный практикум", "Laboratory practicum", 30, 1),
        ),
    },
)

COMMISSION: Words = (
    "Микробіліктіліктерді сертификаттау комиссиясы",
    "Комиссия по сертификации микроквалификаций",
    "Commission for the certification of micro-credentials",
)
EXPERTS: tuple[Words, ...] = (
    (
        "Мысалов Т. Б., Үлгі педагогикалық шеберлік орталығы",
        "Мысалов Т. Б., Центр педагогического мастерства (образец)",
        "T. B. Mysalov, Specimen Centre of Pedagogical Excellence",
    ),
    (
        "Примерова О. Л., № 1 үлгі лицейі",
        "Примерова О. Л., Лицей-образец № 1",
        "O. L. Primerova, Specimen Lyceum No. 1",
    ),
)

# Programme → minutes number, day of the decision, studied from, until, expert.
SESSIONS = {
    "MC-DAM-2026": ("7", date(2026, 10, 28), date(2026, 9, 7), date(2026, 10, 23), 0),
    "MC-STEM-2026": ("8", date(2026, 11, 4), date(2026, 8, 31), date(2026, 10, 30), 1),
    "MC-AIL-2026": ("9", date(2026, 11, 11), date(2026, 9, 14), date(2026, 11, 6), 0),
    "MC-LAB-2026": ("10", date(2026, 11, 18), date(2026, 10, 19), date(2026, 11, 13), 1),
}
PER_CENTS = (97, 88, 91, 76, 84, 95, 72, 90, 81, 67, 93, 79, 86, 100, 74, 89, 61, 96, 83, 92, 77, 85, 94, 69, 98, 80)
LEARNERS: tuple[tuple[str, Person, int], ...] = tuple(
    (list(SESSIONS)[at % 4], person, per_cent)
    for at, (person, per_cent) in enumerate(zip(PEOPLE[:26], PER_CENTS, strict=True))
)
"""(programme, learner, per cent)."""
