"""The script inside the page, and its name in the policy."""

from typing import Any

import pytest

from pages import cycle_script


def test_it_is_sent_without_lines_of_comment_and_without_indentation() -> None:
    assert cycle_script.sent("// why\nif (a) {\n  // because\n  b(); // kept\n}\n") == "if (a) {\nb(); // kept\n}\n"


@pytest.mark.parametrize("end", ["</script>", "</SCRIPT >", "<!--"])
def test_text_that_would_end_its_element_is_refused(end: str) -> None:
    with pytest.raises(ValueError, match=r"cycle_helper\.js"):
        cycle_script.sent(f"const a = '{end}';")


def test_the_policy_names_the_digest_of_the_very_bytes() -> None:
    # printf 'alert(1)' | openssl dgst -sha256 -binary | base64
    assert cycle_script.allowed("alert(1)") == "'sha256-bhHHL3z2vDgxUt0W3dWQOrprscmda2Y5pLsLg4GF+pI='"
    script = cycle_script.ELEMENT.removeprefix('<script type="module">').removesuffix("</script>")
    assert cycle_script.allowed(script) == cycle_script.SOURCE


def test_no_page_of_patients_may_run_a_script_file(settings: Any) -> None:
    for policy in (settings.CONTENT_SECURITY_POLICY["DIRECTIVES"], settings.READING_CONTENT_SECURITY_POLICY):
        assert policy["script-src"] == [cycle_script.SOURCE]
