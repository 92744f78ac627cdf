"""The words by which questions are told, from `rules/lexicon/vragen.toml`."""

from __future__ import annotations

from belscore.language.lexicon import Lexicon


class QuestionWords:
    """The inventory as sets; what each list is for stands beside it in the lexicon."""

    def __init__(self, lexicon: Lexicon) -> None:
        def words(key: str) -> frozenset[str]:
            return lexicon.words("vragen", key)

        self.check_times = lexicon.list("vragen", "checks", "times")
        self.indirect = lexicon.list("vragen", "indirect")
        self.open = words("open")
        self.prefixes = words("open_prefixes")
        self.exclamations = words("exclamations")
        self.verbs = words("verbs")
        self.subjects = words("subjects")
        self.nominative = lexicon.words("vragen", "subjects", "nominative")
        self.inverted_after = words("inverted_after")
        self.leads = words("leads")
        self.joins = lexicon.words("vragen", "leads", "joins")
        self.determiners = words("determiners")
        self.tags = words("tags")
        self.bare_verbs = self.verbs - self.determiners
        self.leads_or_tags = self.leads | self.tags
        self.third_person = lexicon.words("vragen", "subjects", "third_person")
        self.plural_or_she = lexicon.words("vragen", "subjects", "open_only")
        self.own_verbs = lexicon.words("vragen", "verbs", "with_speaker")
        self.speakers = lexicon.words("vragen", "subjects", "speakers")
        self.urging = lexicon.words("vragen", "inverted_after", "urging")
        self.tags_last = lexicon.words("vragen", "tags", "last")
        self.which = lexicon.words("vragen", "open", "which")
        self.clusters = words("clusters")
        self.fronting = words("fronting")
        self.objects = lexicon.words("vragen", "subjects", "objects")
        self.things = lexicon.words("vragen", "subjects", "things")
        self.behind_verb = self.subjects | self.objects
        self.acts = lexicon.words("vragen", "orders", "acts")
        self.stems = lexicon.words("vragen", "orders", "stems")
        self.callers = lexicon.words("luisteren", "to_caller")
        self.so = lexicon.words("vragen", "orders", "so")
        self.just = lexicon.words("vragen", "orders", "just")
        self.modals = lexicon.words("vragen", "clusters", "modals")
        self.auxiliaries = lexicon.words("vragen", "clusters", "auxiliaries")
        self.singular = lexicon.words("vragen", "subjects", "singular")
        self.own_singular = lexicon.words("vragen", "subjects", "singular_in_n")
        self.orders = lexicon.list("vragen", "orders")
        self.idle = lexicon.idle
        self.resuming = words("resumed")
        self.dropping = lexicon.words("vragen", "dropped", "verbs")
        self.dropped = words("dropped")
        self.answers = {tuple(answer.split()) for answer in lexicon.list("vragen", "leads", "answers")}
        self.demonstratives = lexicon.words("vragen", "resumed", "demonstratives")
        self.articles = self.determiners - self.demonstratives
        self.indefinite = lexicon.words("vragen", "resumed", "indefinite")
        self.tellers = lexicon.words("vragen", "done", "tellers")
        self.hearers = lexicon.words("vragen", "done", "hearers")
        self.done = tuple(tuple(each.split()) for each in lexicon.list("vragen", "done"))
        self.closing = lexicon.words("vragen", "whole", "closing")
        self.told_of = lexicon.words("vragen", "whole", "told_of")
        self.openers = {(norm,) for norm in lexicon.list("vragen", "whole", "openers")}
        self.carrying = words("inverted_after") | lexicon.words("vragen", "inverted_after", "carried")
        self.carrying -= self.nominative  # "ik hoef niks en mag mijn vrouw mee"
        self.carried_for = self.nominative | lexicon.words("vragen", "inverted_after", "everyone")
        self.or_not = {("of", norm) for norm in words("or_not")}
        self.having = lexicon.words("vragen", "whole", "having")
