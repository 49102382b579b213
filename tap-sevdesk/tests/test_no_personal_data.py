"""The preset `meltano/no-personal-data.json`: names, addresses, texts and bank data stay in sevDesk."""

import json
from pathlib import Path

import pytest
from sevdesk_sandbox import Sandbox
from tap_running import NOON, run_tap

from tap_sevdesk.streams import SOURCES

PRESET = json.loads((Path(__file__).parents[1] / "meltano" / "no-personal-data.json").read_text("utf-8"))
PERSONAL = ("Erika", "Mustermann", "Heimliche Gasse", "erika@", "DE0212", "Liebe Erika")


def test_nothing_personal_leaves_the_tap_and_the_columns_stay(caplog: pytest.LogCaptureFixture) -> None:
    with Sandbox(firm=False, now=NOON) as sandbox:
        put = sandbox.books.put
        put("SevUser", {"id": "1", "fullname": "Erika Mustermann", "email": "erika@example.org"})
        person = {"surename": "Erika", "familyname": "Mustermann", "bankAccount": "DE0212", "mood": "Erika"}
        put("Contact", {"id": "1", "customerNumber": "1007", **person})
        put("ContactAddress", {"id": "1", "street": "Heimliche Gasse 1", "city": "Ulm", "name": "Erika"})
        put("CommunicationWay", {"id": "1", "value": "erika@example.org"})
        whom = {"addressName": "Erika", "address": "Erika\nHeimliche Gasse 1", "headText": "Liebe Erika"}
        put("Invoice", {"id": "1", "sumNet": "100", "addressCity": "Ulm", **whom})
        put("CreditNote", {"id": "1", "sumNet": "5", **whom})
        put("Order", {"id": "1", "sumNet": "5", **whom})
        put("Voucher", {"id": "1", "supplierName": "Erika", "description": "Erika"})
        bank = {"payeePayerName": "Erika", "payeePayerAcctNo": "DE0212", "paymtPurpose": "Mustermann"}
        put("CheckAccountTransaction", {"id": "1", "amount": "100", **bank})
        run = run_tap(sandbox, stream_maps=PRESET)
    assert run.error is None
    sent = json.dumps(
        [message for message in run.messages if message["type"] == "RECORD"], ensure_ascii=False
    )
    assert [word for word in PERSONAL if word in sent] == []
    assert not any(word in caplog.text for word in PERSONAL)
    (invoice,), (contact,) = run.records("invoices"), run.records("contacts")
    assert (invoice["sumNet"], invoice["addressCity"], invoice["addressName"]) == ("100", "Ulm", "")
    assert (contact["customerNumber"], contact["surename"]) == ("1007", "")
    assert "addressName" in run.schema("invoices")["properties"]


def test_the_preset_names_streams_and_fields_that_exist() -> None:
    known = {source.name: source.schema["properties"] for source in SOURCES}
    for stream, fields in PRESET.items():
        assert fields == "__NULL__" or fields.keys() <= known[stream].keys(), stream
