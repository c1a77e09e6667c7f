"""How a text is cut into segments. Facts of the GSM 03.38 alphabet; must not know any wording.

160 GSM-7 characters fit in one segment, 153 in each of several; one other character makes it UCS-2, 70 and 67. The
extension characters count twice; in UCS-2 an emoji counts as two.
"""

BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ ÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENDED = frozenset("^{}\\[~]|€\f")


def segments(text: str) -> tuple[str, int]:
    """The encoding ("GSM-7" or "UCS-2") and the number of segments."""
    if all(c in BASIC or c in EXTENDED for c in text):
        length = len(text) + sum(c in EXTENDED for c in text)
        return "GSM-7", 1 if length <= 160 else -(-length // 153)
    length = len(text.encode("utf-16-le")) // 2
    return "UCS-2", 1 if length <= 70 else -(-length // 67)
