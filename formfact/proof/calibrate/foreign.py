"""Questions of everyday and special subjects, written for this: what a base without the subject cannot answer.

Each subject has words that a base which holds it would have; its questions are not asked of one that has many of them.
"""

from __future__ import annotations

from collections.abc import Mapping

SUBJECTS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "baking": (
        "dough oven flour crumb loaf yeast sourdough knead crust baker proofing pastry",
        (
            "How long should I let sourdough rest before baking?",
            "Why does my sponge cake sink in the middle?",
            "What is the difference between baking soda and baking powder?",
            "Can I freeze croissants before they are baked?",
            "Which flour is best for pizza bases?",
            "How do I stop a cheesecake from cracking?",
            "At what temperature do meringues dry out?",
            "Who invented the baguette?",
        ),
    ),
    "football": (
        "striker midfield penalty pitch referee stadium fixture kickoff defender dribble tackle coach",
        (
            "Who won the World Cup in 1998?",
            "How many substitutions is a team allowed in extra time?",
            "When is a player offside?",
            "Which club has the most Champions League titles?",
            "What happens if a goalkeeper holds the ball too long?",
            "How wide is a football goal?",
            "Who scored the fastest hat-trick in the Premier League?",
            "What does a second yellow card mean for the next match?",
        ),
    ),
    "gardening": (
        "soil prune compost seedling mulch shrub perennial blossom watering fertilizer bulb lawn",
        (
            "When should roses be cut back?",
            "How do I keep slugs away from lettuce?",
            "What kind of earth do blueberries need?",
            "Why are the leaves of my tomato plants turning yellow?",
            "How deep should tulips be planted?",
            "Can lavender survive a frosty winter?",
            "How often does an orchid have to be watered?",
            "Which vegetables grow well in the shade?",
        ),
    ),
    "astronomy": (
        "planet telescope orbit galaxy comet nebula stellar asteroid supernova constellation eclipse lunar",
        (
            "How far away is the Andromeda galaxy?",
            "Why does Venus rotate backwards?",
            "Which moon of Saturn has lakes of methane?",
            "How long does Neptune take to go around the Sun?",
            "What is left behind when a massive star explodes?",
            "When will Halley's comet be visible again?",
            "How hot is the surface of Sirius?",
            "Who discovered the rings of Uranus?",
        ),
    ),
    "tax": (
        "income deduction taxable filing refund withholding taxpayer revenue deductible allowance bracket levy",
        (
            "How do I claim a home office on my tax return?",
            "Until when must the VAT declaration be handed in?",
            "Is an inheritance from my aunt taxed?",
            "How much can I earn from a side job before I pay tax?",
            "Do I have to declare capital gains on bitcoin?",
            "Which receipts must I keep for seven years?",
            "Can I write off the interest on a student loan?",
            "What is the penalty for paying income tax late?",
        ),
    ),
    "cars": (
        "engine gearbox brake tyre clutch exhaust radiator diesel mileage windscreen dashboard axle",
        (
            "How often should the timing belt be changed?",
            "Why does my car pull to the left?",
            "What tyre pressure is right for a trailer?",
            "How do I reset the oil service light?",
            "Which spark plugs fit a 1.4 litre petrol engine?",
            "Can I tow a caravan with an electric car?",
            "What does the amber warning lamp mean?",
            "How long does a catalytic converter last?",
        ),
    ),
    "health": (
        "doctor symptom dose patient infection medication prescription clinic diagnosis fever vaccine therapy",
        (
            "How many milligrams of ibuprofen may a child take?",
            "What helps against hay fever at night?",
            "How long is chickenpox contagious?",
            "Which foods are rich in vitamin B12?",
            "Can I exercise with a sprained ankle?",
            "What are the first signs of dehydration?",
            "Why do my ears ring after a concert?",
            "How often should blood pressure be measured?",
        ),
    ),
    "music": (
        "melody chord guitar violin orchestra rhythm composer symphony concert piano tempo choir",
        (
            "How do I tune a ukulele by ear?",
            "Who wrote the Brandenburg Concertos?",
            "Which key has five sharps?",
            "How long should a beginner practise the cello each day?",
            "What is the range of an alto voice?",
            "When was the saxophone invented?",
            "Why do jazz drummers use brushes?",
            "Which Beatles album came out first?",
        ),
    ),
    "travel": (
        "visa flight luggage hotel airport passport itinerary tourist booking customs boarding hostel",
        (
            "Do I need a visa to visit Vietnam?",
            "How do I get from Gatwick to central London?",
            "What is the best month to walk in Patagonia?",
            "Can I take a folding bicycle on the night train to Vienna?",
            "How much does a ferry to Corsica cost?",
            "Which side of the road do they drive on in Japan?",
            "Is tap water safe to drink in Marrakesh?",
            "What time difference is there between Lisbon and Lima?",
        ),
    ),
    "programming": (
        "compiler function variable syntax runtime library python javascript debugger kernel repository algorithm",
        (
            "How do I reverse a linked list in place?",
            "What does a segmentation fault mean in C?",
            "How can I undo the last commit in git?",
            "Why is my React component rendered twice?",
            "Which port does PostgreSQL listen on?",
            "What is the time complexity of quicksort?",
            "How do I parse a CSV file with pandas?",
            "When should I use a mutex instead of a semaphore?",
        ),
    ),
    "animals": (
        "breed kitten puppy veterinary fur litter kennel aquarium feline canine paw leash",
        (
            "How long are cats pregnant?",
            "Can dogs eat grapes?",
            "Why does my budgerigar pluck its feathers?",
            "How many goldfish fit into sixty litres?",
            "At what age should a puppy be neutered?",
            "What do hedgehogs eat in autumn?",
            "How fast can a greyhound run?",
            "Why do horses sleep standing up?",
        ),
    ),
    "history": (
        "empire treaty dynasty medieval monarch throne conquest reign parliament crusade revolt kingdom",
        (
            "Who was the last emperor of Byzantium?",
            "When did the Hundred Years' War end?",
            "Why did the Roman Republic fall?",
            "Which queen succeeded Henry VIII?",
            "How many people died in the Black Death?",
            "What was agreed at the Congress of Vienna?",
            "Who built the pyramid of Djoser?",
            "In what year was the Bastille stormed?",
        ),
    ),
    "household": (
        "laundry stain vacuum detergent drain mop iron sponge faucet bleach sewing fabric",
        (
            "How do I get red wine out of a carpet?",
            "What removes limescale from a kettle?",
            "How do I unblock the kitchen sink without chemicals?",
            "Can wool jumpers go into the tumble dryer?",
            "How often should a mattress be turned?",
            "What keeps moths out of the wardrobe?",
            "Which bulb fits a bayonet socket?",
            "How do I descale an espresso machine?",
        ),
    ),
    "law": (
        "landlord tenant contract plaintiff lawsuit clause liability court attorney lease statute custody",
        (
            "How much notice must a landlord give before raising the rent?",
            "Can I be sacked while I am off sick?",
            "What makes a handwritten will valid?",
            "How long do I have to return something bought online?",
            "Who pays if a neighbour's tree falls on my fence?",
            "Is a verbal agreement binding?",
            "At what age may my son choose which parent he lives with?",
            "What is the limit for a claim in the small claims court?",
        ),
    ),
}
