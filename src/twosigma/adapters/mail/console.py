"""Mail for those who run 2Sigma for themselves: letters are written where the log is written."""

import sys

from twosigma.domain.mail import Letter


class ConsoleMail:
    """Writes letters to standard error, each between two marks, past the log and its forms: this
    is the one place where what a letter holds is shown."""

    async def send(self, letter: Letter) -> None:
        sys.stderr.write(
            "--- mail (no mail server is set: it is only shown here) ---\n"
            f"To: {letter.to}\nSubject: {letter.subject}\n\n{letter.text}"
            "--- end of mail ---\n"
        )
