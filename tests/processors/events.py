"""What the tests of cluster read: invented events, each told by several outlets in words of their own."""

FERRY = (
    (
        "Ferry runs aground off Skarholm with 212 aboard",
        "A car ferry ran aground in thick fog off the island of Skarholm early on Thursday with 212"
        " passengers and crew aboard, the coast guard said. Nobody was seriously hurt. The Aurora Maris hit"
        " rocks half a mile from the harbour at Lindvik. Helicopters and lifeboats brought the passengers"
        " ashore within three hours, said the coast guard's spokeswoman, Ingrid Solberg. The ferry is"
        " leaking oil, and booms have been laid around it.",
    ),
    (
        "Passengers rescued after Aurora Maris hits rocks at Skarholm",
        "All 212 people aboard the Aurora Maris have been rescued after the car ferry struck rocks near"
        " Lindvik harbour in fog, rescuers on Skarholm said on Thursday. Fourteen passengers were treated"
        " for cuts and bruises. Ingrid Solberg of the coast guard praised the crew. Divers were to look at"
        " the hull, from which oil is leaking.",
    ),
    (
        "Fog blamed for grounding of Skarholm ferry",
        "Investigators believe that thick fog led the ferry Aurora Maris onto rocks off Skarholm on"
        " Thursday, with 212 passengers and crew on board. The captain has been questioned in Lindvik, the"
        " accident board said. Oil from the leaking car ferry has reached a beach. The coast guard, led by"
        " Ingrid Solberg, is laying more booms.",
    ),
)
STRIKE = (
    (
        "Rail strike brings Tarvonia to a standstill",
        "Train drivers across Tarvonia walked out at midnight in a dispute over pay and hours, and left"
        " commuters in the capital Velgrad without trains. The drivers' union, led by Pavel Dorn, wants six"
        " per cent more, and the state railway has offered two. Talks broke down late on Wednesday. Buses"
        " were crowded, and roads into Velgrad were blocked by seven in the morning. The strike is to last"
        " for 48 hours.",
    ),
    (
        "Commuters stranded as Tarvonian train drivers strike",
        "Hundreds of thousands of commuters were stranded around Velgrad as Tarvonia's train drivers began"
        " a strike of 48 hours over pay. Their union says that the state railway's offer of two per cent is"
        " an insult. Pavel Dorn, its leader, said that talks could go on at any time. The roads were full"
        " before seven in the morning.",
    ),
    (
        "No trains in Tarvonia as pay talks fail",
        "Tarvonia woke up without trains after pay talks between the state railway and the drivers' union"
        " failed. Pavel Dorn, who leads the union, told reporters in Velgrad that the strike of 48 hours"
        " would go ahead, and that six per cent was not too much to ask. Commuters took crowded buses or"
        " stayed at home.",
    ),
)
FERRY_IN_GERMAN = (
    (
        "Fähre mit 212 Menschen vor Skarholm auf Grund gelaufen",
        "Eine Autofähre mit 212 Menschen an Bord ist am Donnerstag im dichten Nebel vor der Insel Skarholm"
        " auf Grund gelaufen. Das teilte die Küstenwache mit. Die Aurora Maris traf kurz vor dem Hafen"
        " Lindvik auf Felsen. Hubschrauber und Rettungsboote brachten die Fahrgäste an Land. Aus der Fähre"
        " läuft Öl aus.",
    ),
    (
        "Aurora Maris: Fahrgäste der Fähre vor Skarholm gerettet",
        "Alle 212 Menschen an Bord der Aurora Maris sind gerettet. Die Autofähre war am Donnerstag im Nebel"
        " vor Lindvik auf Felsen gelaufen, teilte die Küstenwache der Insel Skarholm mit. Taucher sollen den"
        " Rumpf ansehen, aus dem Öl läuft. Die Fahrgäste wurden mit Hubschraubern und Rettungsbooten an Land"
        " gebracht.",
    ),
)
STRIKE_IN_GERMAN = (
    "Streik der Lokführer legt Tarvonien lahm",
    "Die Lokführer in Tarvonien haben um Mitternacht die Arbeit niedergelegt. Pendler kamen nicht in"
    " die Hauptstadt Velgrad. Die Gewerkschaft verlangt sechs Prozent mehr Lohn, die Staatsbahn bietet"
    " zwei. Der Streik soll 48 Stunden dauern, sagte Pavel Dorn, der Vorsitzende der Gewerkschaft. Busse"
    " waren überfüllt.",
)
