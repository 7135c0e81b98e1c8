"""
The team board: exceptions first, then who carries how much, what is late, and where people are lost on the way.

`work` holds everything the board counts, `funnel` the way from identified to graduated. Each number on the board is the
length of a list made by the same function, so it cannot differ from the list it opens.
"""
