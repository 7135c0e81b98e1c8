"""Template tags for the pictures of `carewright.web.charts`."""

from django import template

register = template.Library()
