"""What is known of schools beside what they send: name and number, and their lists' own titles.

In: the national register's public file (`gias.read_gias`), and a file of one school's own titles
(`connectors.schools.class_list.titles`), each given by an operator.
Out: names and telephone numbers for pages where a record has a number alone; titles for reading
(`postgres`). Rule: nothing of it is about a person, and none of it changes what a record says.
"""
