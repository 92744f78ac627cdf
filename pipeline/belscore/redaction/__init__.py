"""What identifies a caller, found in the words of a call and taken out before the call is kept.

`for_storage` is what a store calls; `redact` gives the call and what was taken out of it.
"""

from __future__ import annotations

from belscore.redaction.storage import Stored, for_storage
from belscore.redaction.transcript import Redacted, RedactedSpan, redact

__all__ = ["Redacted", "RedactedSpan", "Stored", "for_storage", "redact"]
