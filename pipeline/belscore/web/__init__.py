"""The pages of `belscore serve`: `app` puts them together, `site` is what they share, `scoring` scores what comes in.

Modules named `..._pages` answer what a browser asks; what they read and write goes through `belscore.store`.
"""
