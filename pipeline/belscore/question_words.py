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
        self.nominative = frozenset(lexicon.list("vragen", "subjects", "nominative"))
        self.inverted_after = words("inverted_after")
        self.leads = words("leads")
        self.joins = frozenset(lexicon.list("vragen", "leads", "joins"))
        self.determiners = words("determiners")
        self.tags = words("tags")
        self.third_person = frozenset(lexicon.list("vragen", "subjects", "third_person"))
        self.plural_or_she = frozenset(lexicon.list("vragen", "subjects", "open_only"))
        self.own_verbs = frozenset(lexicon.list("vragen", "verbs", "with_speaker"))
        self.speakers = frozenset(lexicon.list("vragen", "subjects", "speakers"))
        self.urging = frozenset(lexicon.list("vragen", "inverted_after", "urging"))
        self.tags_last = frozenset(lexicon.list("vragen", "tags", "last"))
        self.which = frozenset(lexicon.list("vragen", "open", "which"))
        self.clusters = words("clusters")
        self.fronting = words("fronting")
        self.objects = frozenset(lexicon.list("vragen", "subjects", "objects"))
        self.things = frozenset(lexicon.list("vragen", "subjects", "things"))
        self.acts = frozenset(lexicon.list("vragen", "orders", "acts"))
        self.so = frozenset(lexicon.list("vragen", "orders", "so"))
        self.just = frozenset(lexicon.list("vragen", "orders", "just"))
        self.modals = frozenset(lexicon.list("vragen", "clusters", "modals"))
        self.auxiliaries = frozenset(lexicon.list("vragen", "clusters", "auxiliaries"))
        self.singular = frozenset(lexicon.list("vragen", "subjects", "singular"))
        self.own_singular = frozenset(lexicon.list("vragen", "subjects", "singular_in_n"))
        self.orders = lexicon.list("vragen", "orders")
        self.idle = lexicon.idle
        self.resuming = words("resumed")
        self.dropping = frozenset(lexicon.list("vragen", "dropped", "verbs"))
        self.dropped = words("dropped")
        self.answers = {tuple(answer.split()) for answer in lexicon.list("vragen", "leads", "answers")}
        self.demonstratives = frozenset(lexicon.list("vragen", "resumed", "demonstratives"))
        self.indefinite = frozenset(lexicon.list("vragen", "resumed", "indefinite"))
        self.tellers = frozenset(lexicon.list("vragen", "done", "tellers"))
        self.hearers = frozenset(lexicon.list("vragen", "done", "hearers"))
        self.done = tuple(tuple(each.split()) for each in lexicon.list("vragen", "done"))
        self.closing = frozenset(lexicon.list("vragen", "whole", "closing"))
        self.told_of = frozenset(lexicon.list("vragen", "whole", "told_of"))
        self.openers = {(norm,) for norm in lexicon.list("vragen", "whole", "openers")}
        self.having = frozenset(lexicon.list("vragen", "whole", "having"))
