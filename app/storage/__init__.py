"""The only package that speaks SQL: one file per aggregate, its table and then its named queries.

Storage knows no rule, no request and no mail. It never commits; it returns rows, or ``None``.
"""
