"""Job: a recording becomes an MP3 that holds one voice track and nothing else.

Decoded to samples and encoded anew: tags, pictures, places, dates and further tracks stay behind because nothing
copies them, and what reaches a listener's player was written by our encoder. One format out, because every browser
plays it. 24 kHz and 40 kbit/s are twice what a telephone carries, and an hour of them is 18 MB.

FFmpeg is held to the few demuxers and decoders that people's phones need; its other hundreds are not reachable.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, BinaryIO, Final

import av
from av.audio.resampler import AudioResampler
from av.codec.context import CodecContext
from av.error import InvalidDataError
from av.stream import Disposition

from backend.documents.decoding.cell import Facts, Options, Refused, serve

MP3 = "audio/mpeg"
RATE = 24_000
BITS_PER_SECOND = 40_000
#: 0 is the slowest and best, 9 the fastest: on speech nobody hears the difference, and 7 takes half the time.
_EFFORT = "7"
#: Samples in a second: one frame at 1 Hz would become gigabytes.
_RATES: Final = range(4_000, 192_001)
_MOST_CHANNELS = 8
#: Damaged packets in a row that are skipped; a recording that is damaged longer ends there.
_MOST_DAMAGED = 50
_FORMATS: Final = {"mp3": "mp3", "aac": "aac", "amr": "amr", "wav": "wav", "ogg": "ogg", "flac": "flac", "mp4": "mov"}
#: Their headers say how long they are; of the others it is guessed.
_HONEST: Final = {"wav", "ogg", "flac", "mov"}
_DECODERS: Final = (
    "mp3,mp3float,aac,alac,amrnb,amrwb,opus,vorbis,flac,"
    "pcm_u8,pcm_s16le,pcm_s16be,pcm_s24le,pcm_s32le,pcm_f32le,pcm_alaw,pcm_mulaw,adpcm_ima_wav,adpcm_ms,gsm_ms"
)
#: The encoder's name, which it writes into spare bytes.
_SIGNATURE: Final = re.compile(rb"LAME(?:3\.100)?")


def job(source: BinaryIO, target: BinaryIO, options: Options) -> Facts:
    """At most ``longest_seconds`` of sound; refused are moving pictures, silence of data, and a rate or number of
    channels that no recorder has."""
    encoder: Any = CodecContext.create("libmp3lame", "w")
    encoder.sample_rate, encoder.layout, encoder.format = RATE, "mono", "s16p"
    encoder.bit_rate, encoder.options = BITS_PER_SECOND, {"compression_level": _EFFORT}
    encoder.open()
    samples = 0
    most = options["longest_seconds"]
    for frame in _plain(_frames(source, _FORMATS[options["kind"]], most), encoder.frame_size):
        samples += frame.samples
        if samples > most * RATE:
            raise Refused("too_long")
        _write(encoder.encode(frame), target)
    if not samples:
        raise Refused("broken")
    _write(encoder.encode(None), target)
    return {"mime": MP3, "seconds": max(1, round(samples / RATE))}


def _frames(source: BinaryIO, form: str, most: int) -> Iterator[Any]:
    """Decoded sound of the first track, until the end or the damage is too long."""
    limits = {"codec_whitelist": _DECODERS, "format_whitelist": form}
    with av.open(source, "r", format=form, container_options=limits, metadata_errors="ignore") as container:
        if any(not stream.disposition & Disposition.attached_pic for stream in container.streams.video):
            raise Refused("video")
        if not container.streams.audio:
            raise Refused("broken")
        if form in _HONEST and (container.duration or 0) > most * av.time_base:
            raise Refused("too_long")  # at once, instead of after an hour of work; who lies is found by counting
        damaged = 0
        for packet in container.demux(container.streams.audio[0]):
            try:
                yield from packet.decode()
                damaged = 0
            except InvalidDataError:
                damaged += 1
                if damaged > _MOST_DAMAGED:
                    return


def _plain(frames: Iterator[Any], size: int) -> Iterator[Any]:
    """The same sound in one channel at our rate, in frames as the encoder wants them, without their times."""
    former, resampler = None, _resampler(size)
    for frame in frames:
        if frame.sample_rate not in _RATES or not 0 < frame.layout.nb_channels <= _MOST_CHANNELS:
            raise Refused("broken")
        shape = (frame.sample_rate, frame.layout.name, frame.format.name)
        if former not in (None, shape):  # a recorder may change its rate on the way
            yield from resampler.resample(None)
            resampler = _resampler(size)
        former, frame.pts = shape, None
        for piece in resampler.resample(frame):
            piece.pts = None
            yield piece
    if former is not None:
        yield from resampler.resample(None)


def _resampler(size: int) -> AudioResampler:
    return AudioResampler(format="s16p", layout="mono", rate=RATE, frame_size=size)


def _write(packets: Any, target: BinaryIO) -> None:
    for packet in packets:
        target.write(_SIGNATURE.sub(lambda name: bytes(len(name.group())), bytes(packet)))


def main() -> None:
    serve(job)
