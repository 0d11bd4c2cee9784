"""The page that a mailed link opens where no front end does: a new password is chosen there.

The link's token stands behind `#`, so that it reaches no server's log; the page's script takes
it from there and sends it in a body.
"""

from litestar import get
from litestar.handlers import HTTPRouteHandler

from twosigma.adapters.http.docs import HTML
from twosigma.adapters.http.reply import NO_STORE, Reply

_JAVASCRIPT = (b"content-type", b"text/javascript; charset=utf-8")

_PAGE = b"""<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,">
<title>Choose a new password - 2Sigma</title>
<style>
body{font:1rem/1.6 system-ui,sans-serif;max-width:26rem;margin:4rem auto;padding:0 1rem}
label,input,button{display:block;width:100%;font:inherit;box-sizing:border-box}
input,button{padding:.5rem;margin:.3rem 0 1rem}
</style>
<h1>Choose a new password</h1>
<form id="form">
<label for="password">New password, at least 8 characters</label>
<input id="password" type="password" autocomplete="new-password" minlength="8" maxlength="128"
 required>
<button>Set password</button>
</form>
<p id="answer" role="status"></p>
<noscript><p>This page needs JavaScript.</p></noscript>
<script src="/reset-password/script.js"></script>
</html>
"""
_SCRIPT = b"""const token = new URLSearchParams(location.hash.slice(1)).get("token");
const form = document.getElementById("form");
const tell = (text) => { document.getElementById("answer").textContent = text; };

if (!token) {
  form.hidden = true;
  tell("This link is not complete. Open the one in the mail, or ask for a new one.");
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const body = JSON.stringify({ token, new_password: document.getElementById("password").value });
  try {
    const answer = await fetch("/api/v1/auth/password-reset/confirm", {
      method: "POST", headers: { "Content-Type": "application/json" }, body,
    });
    if (answer.ok) {
      form.hidden = true;
      history.replaceState(null, "", location.pathname);
      tell("Your new password is set. You are signed out everywhere: sign in with it now.");
      return;
    }
    const { detail } = await answer.json();
    tell(typeof detail === "string" ? detail : detail.map((fault) => fault.msg).join(". "));
  } catch {
    tell("The service cannot be reached. Please try again in a moment.");
  }
});
"""


def handlers() -> list[HTTPRouteHandler]:
    """The handlers of the page and its script; they are no part of the API."""

    @get("/reset-password", include_in_schema=False)
    async def show_page() -> Reply:
        return Reply(200, (HTML, NO_STORE), _PAGE)

    @get("/reset-password/script.js", include_in_schema=False)
    async def get_script() -> Reply:
        return Reply(200, (_JAVASCRIPT, NO_STORE), _SCRIPT)

    return [show_page, get_script]
