"""The pages about who somebody is: records that may be one person, joins and their undoing, and contact details."""
