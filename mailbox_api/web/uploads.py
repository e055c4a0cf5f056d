"""One file from a form (multipart/form-data), read whole and within bounds; the fields come as of any form."""

from collections.abc import Mapping
from dataclasses import dataclass
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import HTTP

from starlette.requests import Request

from mailbox_api.service.desk import MAX_FILE
from mailbox_api.web.requests import MAX_BODY, BadBody, WrongType, read_body


@dataclass(frozen=True, slots=True)
class Upload:
    name: str
    data: bytes


async def read_upload(request: Request) -> Mapping[str, str]:
    """The text fields; the file waits in `request.state.upload`."""
    kind = request.headers.get("content-type", "")
    if not kind.startswith("multipart/form-data"):
        raise WrongType("请用页面上的表单提交")
    body = await read_body(request, MAX_FILE + MAX_BODY)
    head = f"Content-Type: {kind}\r\n\r\n".encode("latin-1", "replace")
    whole = BytesParser(EmailMessage, policy=HTTP).parsebytes(head + body)
    if not whole.is_multipart():
        raise BadBody("表单内容读不了")
    fields: dict[str, str] = {}
    request.state.upload = Upload("", b"")
    for part in whole.iter_parts():
        name = part.get_param("name", header="content-disposition")
        content = part.get_payload(decode=True)
        data = content if isinstance(content, bytes) else b""
        file_name = part.get_filename()
        if file_name is not None:
            request.state.upload = Upload(file_name, data)
        elif isinstance(name, str):
            fields[name] = data.decode("utf-8", "replace")
    return fields
