"""A call in which the thanks for waiting was misheard: what a second look at the sound is for."""

RULE = "wacht-bedanken"
CALL = """
0.0-3.0 agent Goedemorgen, met praktijk De Linde, u spreekt met Anja.
3.3-6.0 caller Goedemorgen, met mevrouw Jansen, ik bel voor een uitslag.
6.3-8.5 agent Dag mevrouw Jansen, heeft u een ogenblik alstublieft?
8.7-9.2 caller Ja hoor.
25.0-28.5 agent Bedankt vooral gedeeld, ik heb het gevonden, de uitslag is goed.
28.8-30.0 caller Fijn, dank u wel.
30.2-32.0 agent Graag gedaan, nog een fijne dag, mevrouw Jansen.
"""
