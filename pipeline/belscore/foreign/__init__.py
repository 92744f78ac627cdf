"""Transcripts that other tools made, as a `Call`: JSON of the Whisper family, WebVTT and SRT.

    text -> Transcript -> words per speaker -> roles -> Call
            cues.py        words.py            speakers.py  reading.py
            whisper_json.py

What a transcript does not measure is not made up: who talked over whom, how fast and how long is left `unsure`.
"""
