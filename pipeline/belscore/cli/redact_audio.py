"""`belscore redact-audio`."""

from __future__ import annotations

from pathlib import Path

import click

from belscore.call import AgentChannel
from belscore.cli import options
from belscore.cli.output import refuse_overwriting
from belscore.cli.progress import ProgressBar
from belscore.errors import AudioError, BelscoreError
from belscore.inputs import CallFile, read_call

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command("redact-audio")
@click.argument("recording", type=_FILE)
@click.argument("out", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--call", "words", type=_FILE, metavar="FILE", help="Its words, when they are known: call JSON or .call.")
@click.option("--profile", type=_FILE, metavar="FILE", help="Names of the practice: those stay.")
@options.model_option
@options.agent_channel_option
@options.no_cache_option
@options.quiet_option
@options.debug_option
def redact_audio(
    recording: Path,
    out: Path,
    words: Path | None,
    profile: Path | None,
    model: str | None,
    agent_channel: AgentChannel,
    no_cache: bool,
    quiet: bool,
) -> None:
    """Silence what identifies a caller in a recording.

    RECORDING is heard as for `score`, and written to OUT as WAV with silence where a name, a number, an address or a
    date of birth was heard. Listen to it before it goes out: what was misheard is still there.
    """
    if out.suffix.lower() != ".wav":
        raise BelscoreError("only WAV is written", where=str(out), do="end the name with .wav")
    refuse_overwriting(out, [recording])
    from belscore.audio import decode
    from belscore.redaction import redact
    from belscore.redaction.silence import silenced, write_wav

    cache = options.word_cache(no_cache=no_cache, quiet=quiet)
    known = None
    if profile is not None:
        from belscore.profile import load_profile

        known = load_profile(profile)
    with ProgressBar(quiet=quiet) as bar:
        bar.label(recording.name)
        file = CallFile.of(words if words is not None else recording)
        call = read_call(file, model=model, agent_channel=agent_channel, cache=cache, progress=bar)
        spans = redact(call, profile=known).spans
        channels = silenced(decode(recording), spans)
        try:
            write_wav(out, channels)
        except OSError as error:
            raise AudioError(
                f"cannot be written ({error.strerror})", where=str(out), do="choose another place"
            ) from None
        bar.clear()
        if not quiet:
            bar.log(f"geschreven: {out} ({len(spans)} stukken stil, {sum(s.end_s - s.start_s for s in spans):.0f} s)")
