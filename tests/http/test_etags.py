"""If-Match: an update of what was changed meanwhile is refused, and changes nothing."""

import pytest

from tests.http.site import Site, made

UPDATES = {
    "/courses/{course_id}": {"description": "Sums and more"},
    "/courses/{course_id}/offerings/{offering_id}": {"term_name": "Later"},
    "/modules/{module_id}": {"description": "Sums and more"},
    "/content/{content_id}": {"description": "Sums and more"},
}
"""Updates of what is read with an ETag, and a body that changes it."""


@pytest.mark.parametrize("template", UPDATES)
async def test_an_update_goes_through_while_nothing_changed(site: Site, template: str) -> None:
    path, body = template.format(**site.ids), UPDATES[template]
    read = await site.instructor.get(path)
    tag = read.headers["etag"]
    for header in (tag, f'"other", {tag}', "*"):
        answer = await site.instructor.ask("PUT", path, json={}, headers={"If-Match": header})
        assert answer.status_code == 200, header
    done = await site.instructor.ask("PUT", path, json=body, headers={"If-Match": tag})
    assert done.json().items() >= body.items()


@pytest.mark.parametrize("template", UPDATES)
async def test_an_update_of_what_changed_meanwhile_is_412(site: Site, template: str) -> None:
    path, body = template.format(**site.ids), UPDATES[template]
    tag = (await site.instructor.get(path)).headers["etag"]
    made(await site.admin.ask("PUT", path, json=body))
    now = await site.instructor.get(path)
    assert now.headers["etag"] != tag
    for header in (tag, f"W/{now.headers['etag']}", '"other"', "", "nonsense"):
        late = await site.instructor.ask(
            "PUT", path, json=dict.fromkeys(body, "Lost"), headers={"If-Match": header}
        )
        assert (late.status_code, late.headers["x-error-code"]) == (412, "precondition_failed")
    assert (await site.instructor.get(path)).content == now.content


@pytest.mark.parametrize("template", UPDATES)
async def test_whose_course_it_is_not_is_told_so_whatever_the_tag(
    site: Site, template: str
) -> None:
    path, headers = template.format(**site.ids), {"If-Match": '"other"'}
    refused = await site.student.ask("PUT", path, json={}, headers=headers)
    assert refused.status_code == 403
