"""Pages of news sites: ten pieces of furniture, reports to stand above them, and ten forms with names in them."""

FURNITURE = {
    "cookie notice": """
We and our partners use cookies and similar techniques to store and read information on your device, to measure
how our pages are used and to show you advertising that fits your interests. By pressing the green button you
agree to this. You can refuse, or change your mind at any time, by following the link to the privacy settings at
the foot of every page. Some partners do not ask for your consent and rely on their legitimate interest instead;
you may object to that as well. Your choice is kept for half a year on this device only, and has no effect on
other services of our group. Technical cookies cannot be refused.""",
    "newsletter pitch": """
Never miss what matters. Sign up to our free morning briefing and get the ten things you need to know before you
leave the house, written by our night desk and sent to your inbox at six every working day. Tick the box below
if you would also like to hear about events, offers and surveys from us. We will never sell your address to
anybody. You can leave the list with a single click in the last line of each mail. Thank you for signing up! Did
you know that you can choose from eleven other letters, from gardening to chess? Look at all of them on our
letters page.""",
    "agency footer": """
Copyright The Associated Newsrooms. All rights reserved. This material may not be published, broadcast,
rewritten or redistributed without permission. The agency is a cooperative that belongs to its members and has
reporters in more than a hundred countries. Follow our correspondents on the networks, or write to the desk with
tips and corrections. Additional reporting by the bureaus; editing by the main desk. Our standards: accuracy,
independence and freedom from bias are the principles that we have worked by since our founding. Read them in
full on the page about us, where you will also find how to obtain a licence for this content.""",
    "live header": """
You are reading our live page, which is brought up to date as news comes in. The newest entries stand on top.
Times are those of the place where our readers are. Press the bell to be told on your telephone when something
important happens. To go to the beginning of the day scroll to the end, or use the arrows on the right. Please
reload the page when nothing has changed for a while. Comments are open until midnight and are read by our
moderators before they appear. What is marked with an asterisk has not been confirmed by a second source. Our
reporters on the ground change shifts at noon, so that there may be a pause in the entries then.""",
    "subscription wall": """
This article is for subscribers. You have read all of your free articles of this month. Go on reading for one
pound a week during the first three months, and cancel whenever you like. Subscribers read everything on all
their devices, listen to the articles, solve the puzzles and can give ten articles a month to friends. Already a
subscriber? Log in above. If you take the printed paper you have digital access already; have your customer
number ready. Students and teachers pay half. Prices include value added tax. For help ring our customer service
on any working day, or look at the list of questions and answers. Independent journalism needs your support.""",
    "comment rules": """
Join the conversation. To comment you need an account with your real name, which takes a minute and costs
nothing. Be polite, stay with the subject and do not repeat what others have said before you. We remove insults,
advertising, personal data and links to other pages without giving a reason. Those who break the rules more than
once are shut out for good. Comments are the opinions of their authors and not ours. Threads close three days
after publication. Report a comment with the little flag beside it. The most thoughtful ones are printed in the
weekend edition, shortened where there is need. Sort by newest, oldest or most recommended.""",
    "app banner": """
Get the full experience in our app. Breaking alerts on your lock screen, your favourite teams on the first page,
offline reading for the train and a dark mode that is kind to your eyes. It is free for all common telephones
and tablets and has been rated with almost five stars by our readers. Scan the square code with your camera, or
look for our name in the store. The app needs permission to send messages; it does not use your place or your
contacts. Older devices may not be supported any longer. Beta testers are welcome, and get new functions some
weeks before everybody else. Write to the team about what you miss.""",
    "donation appeal": """
Before you go: we have a small favour to ask. Millions turn to us for open, independent news every day, and
readers in all countries of the world now support us financially. We believe that everyone deserves access to
information that is grounded in science and truth, and analysis rooted in authority and integrity. That is why
we made a different choice, to keep our reporting open for all readers, wherever they live or what they can
afford to pay. If there were ever a time to join us it is now. Every contribution, however big or small, powers
our journalism and sustains our future. Support us from as little as a pound. It only takes a minute.""",
    "about the author": """
About our newsroom. Our reporters work under a code of conduct that forbids them to accept gifts or to own
shares of the companies that they write about. When we make a mistake we correct it at once and say so at the
end of the text. Have we got something wrong, or left something out? Tell the readers' editor, who is
independent of the desks and answers every letter. Fact checks are marked with a blue sign. Pictures may be
older than the events and say so then. Opinion is kept apart from the news and carries the name of its author.
Our funding is published every spring, with all donors who give more than a thousand pounds a year.""",
    "more stories": """
More from this site. The best places for a walk in autumn, chosen by readers. Quiz of the week: how closely have
you been following the news? Why everyone is suddenly baking bread again. Recipe: a pie that even children like.
Test your knowledge of flags. The twenty films to see before the year is over, ranked by our critics. How to
sleep better in ten simple steps. Crossword, sudoku and word games for subscribers. Watch: the dog that waits at
the station every evening. Money: what to look for when you change your bank. In pictures: the sky at night.
Editors' choice and most read of the day. Sponsored content from our partners: are you paying too much for your
insurance?""",
}

REPORTS = (
    (
        "Ferry runs aground off Rhodes, passengers safe",
        """A ferry with two hundred people on board ran aground off Rhodes in the night. All passengers were
        brought to land by fishing boats, the coast guard said. The captain is being questioned in the harbour.""",
    ),
    (
        "Central bank leaves interest rates unchanged",
        """The central bank left its interest rates where they are on Thursday. Most economists had expected a
        small rise. The governor pointed to weak demand from abroad and said that patience was called for.""",
    ),
    (
        "Wildfire closes highway near Fresno",
        """A wildfire that jumped a highway near Fresno has burned down several barns. Drivers were led back by the
        police. Firemen from three counties hope that the wind drops before the evening.""",
    ),
    (
        "Marathon winner Bekele fails drugs test",
        """Marathon winner Bekele has failed a drugs test, his federation announced. He denies everything and wants
        the second sample opened. The runner up would inherit title and prize money.""",
    ),
    (
        "Painting by Vermeer turns up in attic",
        """A painting that experts ascribe to Vermeer has turned up in an attic in Ghent. The owner had used it to
        keep the rain out. It will be cleaned and shown to the public in spring, the museum said.""",
    ),
    (
        "Teachers in Oslo vote to strike",
        """Teachers in Oslo have voted to strike from next week. Their union wants smaller classes and a pay rise.
        The city calls the demands beyond its means and has asked the mediator to step in.""",
    ),
)

PAGES = (
    "Earthquake shakes northern Chile",
    "Parliament passes budget after long night",
    "Striker Okafor leaves Leeds",
    "Rare owl returns to Kielder forest",
    "Court clears former mayor Haddad",
    "Drought empties reservoirs around Madrid",
    "Airline Condor orders electric planes",
)
"""Headlines that one consent page stands under."""

FORMS = {
    "preview": (
        "{0} against {1}: where to watch",
        """{0} receive {1} on Saturday afternoon, and our preview has all that you need to know before the match.
        The game is shown live on the sports channel, and our reporter follows it in words on this page. {0} have
        not lost at home since the spring. {1} travel with a full squad and hope for their first points away.
        Tickets are sold out, but returned ones can be bought at the gate. Fans are asked to come by train, as
        there is little room for cars around the ground. The referee has not been named so far. The winner goes to
        the top of the table for one night at least, since the others play on Sunday only.""",
        ("Arsenal", "Everton"),
        ("Burnley", "Fulham"),
    ),
    "obituary": (
        "{0} {1}, {2}, has died",
        """{0} {1}, who was known to readers all over the country as a {2}, died in the night after a short
        illness, the family said in a statement. Tributes came from friends and colleagues within hours. {1} will
        be remembered for a warm voice, for patience with the young and for a laugh that filled the room. There
        will be a service for relatives only, and a public farewell later in the year. Instead of flowers the
        family asks for gifts to the hospice that looked after {0} in the last weeks. A book of condolence lies
        open in the town hall until the end of the month, and messages can be left on the page of the paper.""",
        ("Margaret", "Holloway", "novelist"),
        ("Desmond", "Pritchard", "cellist"),
    ),
    "airport": (
        "Fog at {0}: flights diverted to {1}",
        """Thick fog has brought traffic at {0} almost to a halt. Several flights were diverted to {1}, and others
        circled until their fuel ran low. Passengers slept on camp beds that the fire brigade had put up between
        the shops. The airport of {0} expects things to be back to normal by the evening, a spokeswoman said, and
        asked travellers to look at the boards before they leave home. Airlines rebook free of charge. Buses bring
        those who landed in {1} to the place where they had wanted to go. The weather service says that the fog
        lifts when the wind turns to the north. Rail companies accept plane tickets until then.""",
        ("Hamburg", "Bremen"),
        ("Stuttgart", "Nuremberg"),
    ),
    "recall": (
        "{0} recalls its {1}",
        """The maker {0} has called back a {1} because parts may come loose and be swallowed by small children. No
        one has been hurt so far. Customers should stop using the {1} at once and take it to any shop, where they
        will get their money back without a receipt. The authority for product safety said that the company had
        reported the defect by itself and had acted quickly. Other goods of {0} are not affected. A telephone line
        for worried parents is open day and night. The defect was found in a routine test at the factory. Shops
        have been told to empty their shelves, and the authority will check that they do so.""",
        ("Toymaster", "wooden train"),
        ("Brightkids", "bath duck"),
    ),
    "concert": (
        "{0} to play {1} next summer",
        """Good news for fans of {0}: the band will play at {1} next summer, the organisers have announced. Tickets
        go on sale on Friday morning at the usual agencies and are expected to be gone within minutes. Nobody may
        buy more than four. Doors open in the afternoon, and there will be two supporting acts that have not been
        named. {0} were last on tour before the drummer broke his arm. Critics praised the new record. Camping is
        not allowed on the meadows around {1}, but a shuttle runs until the early morning. Children must be with a
        grown up and will be given protection for their ears at the entrance.""",
        ("Velvet Harbour", "Roundhay"),
        ("Northern Static", "Cardiff Castle"),
    ),
    "appointment": (
        "{0} names {1} as finance chief",
        """{0} has appointed {1} as its new chief financial officer, the company said in a statement before the
        market opened. The appointment takes effect at the beginning of next month and was agreed by the board
        without a vote against it. {1} comes from a competitor and has worked in banking before. The predecessor
        leaves for personal reasons and will help during a period of transition. The chairman thanked him for his
        service and wished him all the best. Analysts called the choice a sensible one. The outlook for the full
        year was confirmed. {0} sells its products in many countries and is listed on the main exchange.""",
        ("Norsk Aluminium", "Lindqvist"),
        ("Baltic Shipping", "Kowalski"),
    ),
    "missing": (
        "Police search for missing {0} from {1}",
        """Police have asked the public for help in the search for {0}, who has been missing from {1} since the
        weekend. The family last heard from the missing person by telephone. A helicopter and dogs were used
        without success. It is possible that help is needed urgently, a spokesman said. Anyone who has seen
        something is asked to ring the nearest station or the emergency number, and not to approach anybody who
        might be dangerous. Volunteers meet at the town hall of {1} every morning and are given maps there. A
        picture and a description have been put on the pages of the police. The parents of {0} thanked everybody
        for their kindness.""",
        ("Kateryna Bondar", "Ipswich"),
        ("Thomas Ashworth", "Lancaster"),
    ),
    "bakery": (
        "{0} {1} wins bread contest",
        """The jury had tasted its way through a hundred loaves when it found its winner: the {1} of {0} has the
        best bread of the year. Judges praised the crust and a taste that reminded them of their childhood. The
        bakery has been in the hands of one family for four generations, and grinds its own flour. The prize is a
        golden whisk and a journey to Vienna. Second and third places went to bakeries that had won before.
        Visitors could vote as well, and agreed with the jury. The contest was held for the tenth time and drew
        bakers from all parts of the country. Next year cakes will be judged, too, the organisers said.""",
        ("Ludlow", "sourdough"),
        ("Whitby", "ryeloaf"),
    ),
    "horoscope": (
        "{0} and {1}: your stars this week",
        """Those born under {0} should keep their calm this week, our astrologer writes, and those born under {1}
        may expect a letter that brings joy. Money matters are best left until the moon has changed. In love a
        patient word does more than a gift. {0} in particular feels the influence of the outer planets, which
        invites to long walks and to early nights. {1} on the other hand bursts with energy and should use it for
        what has been put off. Take care of your back. Friends play a larger part than usual. Lucky colour and
        lucky stone are found at the end of this page, together with the stars of famous people.""",
        ("Aries", "Taurus"),
        ("Gemini", "Virgo"),
    ),
    "recipe": (
        "{0} with {1} from our readers",
        """A reader from the coast has sent us this week's recipe, {0} with {1}, which has been in her family for a
        long time. It is quickly made and needs nothing that is not found in every kitchen. Wash and dry everything
        first. Cut the {1} into small pieces and put them aside with a little salt. Heat the oil in a large pan,
        but not too much. Stir from time to time, and be patient, the secret lies in the slow cooking. Add the {0}
        at the end only. Serve with bread and a green salad. It tastes even better on the next day. Send us your
        own recipe, and win one of ten aprons. We print the best every Saturday.""",
        ("Lentils", "fennel"),
        ("Mackerel", "rhubarb"),
    ),
}
"""Headline, text, and the names of two reports that are written by filling them in."""
