"""
Administration: who works here, in which role and teams, whom they may see, and the organization itself.

It lives in `web` because it gathers what `staff`, `access` and `audit` keep; every change is an action of
`access.people` or `access.ties`.
"""
