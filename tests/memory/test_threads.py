"""What is opened while another thread is at work in the bank waits for it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from memento_desktop.memory.bank import Bank
from memento_desktop.memory.conversations.said import SaidSearch
from memento_desktop.memory.search import Search


@pytest.mark.parametrize("make", [Search, SaidSearch])
def test_a_search_is_made_while_the_bank_is_busy(bank: Bank, make: Callable[[Bank], object]):
    began, end = threading.Event(), threading.Event()

    def hold() -> int:
        began.set()
        end.wait(10)
        return 1

    bank.db.create_scalar_function("hold", hold, 0)
    with ThreadPoolExecutor(2) as pool:
        busy = pool.submit(bank.rows, "SELECT hold() AS held")
        assert began.wait(10)
        made = pool.submit(make, bank)
        threading.Timer(0.1, end.set).start()  # time for it to fail, were it not to wait
        assert made.result(20)
        assert busy.result(20) == [{"held": 1}]
