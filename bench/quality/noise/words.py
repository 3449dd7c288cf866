"""The words noises draw on, written by hand: titles, short names, names taken for others."""

HONORIFICS = (
    "Mr", "Mrs", "Dr.", "Prof.", "Sheikh", "Haji", "Sayyid", "General", "Gen.", "Colonel",
    "Col.", "Eng.", "Mullah", "Hajj", "Maj.", "Señor", "Don", "Herr", "Capt.", "Imam", "Ustaz",
    "Mawlawi", "Lt.", "Hon.", "Sir", "Mme", "Ms",
)  # fmt: skip
SUFFIXES = ("Jr.", "Jr", "II", "III", "MD", "PhD", "Esq.", "(ret.)", "Sr.")
_NICKNAMES = """
robert bob rob bobby bert|william bill will billy|richard rick dick rich|john jack johnny
james jim jimmy jamie|michael mike mick|joseph joe joey|thomas tom tommy|david dave davy
charles charlie chuck|edward ed eddie ted|daniel dan danny|matthew matt|anthony tony
elizabeth liz beth betty lisa|margaret maggie peggy meg|katherine kate kathy katie
catherine cathy kate|patricia pat patty trish|jennifer jen jenny|susan sue susie
barbara barb|deborah deb debbie|rebecca becky|samuel sam sammy|benjamin ben|alexander alex sasha
alexandra sasha alex|nicholas nick|christopher chris kit|stephen steve|steven steve|andrew andy
aleksandr sasha sanya|aleksey alyosha lyosha|alexey alyosha|dmitry dima mitya|dmitri dima
vladimir volodya vova|sergey seryozha|sergei seryozha|mikhail misha|nikolay kolya|nikolai kolya
ivan vanya|yevgeny zhenya|evgeny zhenya|ekaterina katya|yekaterina katya|maria masha mariya
tatiana tanya|natalia natasha|olga olya|anna anya|pavel pasha|konstantin kostya|yuri yura
jose pepe|francisco paco pancho|ignacio nacho|enrique quique|eduardo lalo edu|jesus chuy
guadalupe lupe|dolores lola|manuel manolo manny|antonio tono toni|rafael rafa|alejandro alex
guillermo memo|roberto beto|alberto beto|luis lucho|fernando nando|gregorio goyo
giuseppe beppe peppe|giovanni gianni|francesco franco cecco|salvatore toto|johannes hans
heinrich heinz|friedrich fritz|maximilian max|abdullah abdo|ibrahim brahim|mohammed moh mo
mehmet memo|mustafa musti|frederick fred freddy|gerald gerry jerry|lawrence larry|ronald ron
donald don|kenneth ken kenny|timothy tim|gregory greg|walter walt|henry hank harry|harold hal
""".replace("\n", "|")
NICKNAMES = {
    words[0]: tuple(words[1:])
    for part in _NICKNAMES.split("|")
    if len(words := part.split()) > 1
}
_TAKEN = """
hassan hussein|hasan husain|ahmed hamed|ahmad hamid|mahmoud muhammad|mahmud mohamed|amir omar
salim salman|karim karam|khalid khalil|said saad|jamal kamal|ali adli
yousef yunus|rashid rashad|faisal fadil|tariq tahir|bilal hilal
maria mario|daniel daniela|jan jana|andrea andrei|ivan ivana|gabriel gabriela|paul paula
aleksandr aleksandra|martin martina|juan joan|carlos carla|fernando hernando|luis luisa
sergei sergio|anton antonia|viktor victoria|mikhail mikhailov|nikita nikolai|oleg olga
igor egor|roman ramon|miguel manuel|alberto roberto|julio julia
li lu|wang huang|zhang zhao|chen cheng|lin ling|wei wen|jun jin|ming min|hong heng
kim kang|choi cho|lee leem|jung jang|yoon yeon|min mun
tanaka takana|sato saito|ito kato|nakamura nakayama|yamada yamamoto
george gregory|jean joan|stephan stefania|peter pedro|john jonah
smith smithson|brown browning|johnson johnston|martinez martins
ivanov ivanenko|petrov petrenko|kuznetsov kuznetsenko|popov popovic|novak nowakowski
rahman rahim|abdullah abdulaziz|abdulrahman abdulrahim|abdulkarim abdulqadir|bashir bassir
fatima fadia|aisha asma|mariam marwa|layla lina|huda hadi
""".replace("\n", "|")
TAKEN_FOR = tuple(
    (words[0], words[1]) for part in _TAKEN.split("|") if len(words := part.split()) == 2
)
"""Names that look or sound alike and are other names: one for the other is another person."""
_COMMON = """
arabic: Mohammed Ahmed Ali Hassan Hussein Omar Khalid Ibrahim Mahmoud Abdullah Yusuf Said\
 Mustafa Abdul-Rahman Salem Nasser Hamid Tariq Fatima Aisha Mariam Zainab
arabic: Mohammed Ahmed Ali Hassan Hussein Saleh Ibrahim Mahmoud Abdullah Salem Nasser Jaber\
 Al-Shami Al-Masri Al-Hashimi Al-Tikriti Al-Jaburi Haddad Khalil Mansour
chinese: Wang Li Zhang Liu Chen Yang Huang Zhao Wu Zhou Xu Sun Ma Zhu Hu Guo He Lin Gao Luo
chinese: Wei Fang Na Min Jing Li Qiang Lei Jun Yang Yong Jie Juan Tao Ming Chao Xia Ping Gang\
 Xiaoming Jianguo Guoqiang Weidong Zhiqiang Haiyan Yulan Jianhua Wenjie
spanish: Jose Juan Luis Carlos Jorge Manuel Francisco Antonio Miguel Pedro Jesus Alejandro\
 Maria Ana Rosa Guadalupe Carmen Fernando Rafael Eduardo
spanish: Garcia Martinez Lopez Gonzalez Hernandez Rodriguez Perez Sanchez Ramirez Torres Flores\
 Rivera Gomez Diaz Cruz Morales Reyes Gutierrez Ortiz Ramos
russian: Sergei Aleksandr Vladimir Andrei Aleksei Dmitry Nikolai Igor Yuri Viktor Oleg Ivan\
 Mikhail Elena Olga Natalia Tatiana Irina Svetlana Anna
russian: Ivanov Smirnov Kuznetsov Popov Vasiliev Petrov Sokolov Mikhailov Novikov Fedorov\
 Morozov Volkov Alekseev Lebedev Semenov Egorov Pavlov Kozlov Stepanov Nikolaev
english: James John Robert Michael William David Richard Thomas Charles Daniel Mary Patricia\
 Jennifer Linda Elizabeth Barbara Susan George Paul Mark
english: Smith Johnson Williams Brown Jones Miller Davis Wilson Taylor Anderson Thomas Moore\
 Martin Jackson Thompson White Harris Clark Lewis Walker
"""
COMMON: dict[str, tuple[tuple[str, ...], ...]] = {}
"""For a custom, given names and family names that very many people bear."""
for _line in _COMMON.strip().splitlines():
    _custom, _, _words = _line.partition(":")
    COMMON[_custom] = (*COMMON.get(_custom, ()), tuple(_words.split()))
