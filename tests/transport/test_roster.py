"""The pool's decisions, without a socket: any order of events keeps its promises."""

from __future__ import annotations

from attrs import define
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from openbroker.transport.roster import HARD, SOFT, Roster

LIMIT = 5


@define(eq=False)
class Wagon:
    """A connection with seats."""

    seats: int
    idle_since: float = 0.0
    taken: int = 0

    @property
    def room(self) -> int:
        return self.seats - self.taken

    @property
    def is_idle(self) -> bool:
        return not self.taken


@define(eq=False)
class Passenger:
    number: int
    waited_for: bool = True


class Station(RuleBasedStateMachine):
    """Passengers come, give up, ride and alight; wagons are dialled, close and are retired."""

    def __init__(self) -> None:
        super().__init__()
        self.roster: Roster[Wagon, Passenger] = Roster(LIMIT)
        self.now = 0.0
        self.came = 0
        self.boarded: list[int] = []
        self.queue: list[Passenger] = []
        self.riding: list[Wagon] = []

    def board(self) -> None:
        while self.roster.has_waiting and (wagon := self.roster.take()) is not None:
            passenger = self.roster.next_waiting()
            assert passenger is not None
            assert passenger.waited_for
            assert wagon.room > 0
            wagon.taken += 1
            self.riding.append(wagon)
            self.boarded.append(passenger.number)
            self.queue.remove(passenger)

    @rule()
    def come(self) -> None:
        self.came += 1
        passenger = Passenger(number=self.came)
        self.queue.append(passenger)
        self.roster.wait(passenger)
        self.board()
        self.dial()

    def dial(self) -> None:
        count = self.roster.to_dial()
        self.roster.dialing += count
        assert len(self.roster.members) + self.roster.dialing <= LIMIT

    @precondition(lambda self: self.queue)
    @rule(data=st.data())
    def give_up(self, data: st.DataObject) -> None:
        passenger = data.draw(st.sampled_from(self.queue))
        passenger.waited_for = False
        self.queue.remove(passenger)

    @precondition(lambda self: self.roster.dialing)
    @rule(seats=st.sampled_from([1, 1, 3]))
    def arrive(self, seats: int) -> None:
        self.roster.dialing -= 1
        self.roster.streams = seats
        self.roster.add(Wagon(seats=seats, idle_since=self.now))
        self.board()

    @precondition(lambda self: self.roster.dialing)
    @rule()
    def fail(self) -> None:
        self.roster.dialing -= 1
        for _ in range(self.roster.hopeless()):
            passenger = self.roster.next_waiting()
            assert passenger is not None
            self.queue.remove(passenger)
        if self.roster.has_waiting:
            assert self.roster.dialing or self.roster.members, "nobody is left without a hope"

    @precondition(lambda self: self.riding)
    @rule(data=st.data())
    def alight(self, data: st.DataObject) -> None:
        wagon = data.draw(st.sampled_from(self.riding))
        self.riding.remove(wagon)
        wagon.taken -= 1
        wagon.idle_since = self.now
        self.roster.offer(wagon)
        self.board()

    @precondition(lambda self: self.roster.members)
    @rule(data=st.data())
    def close(self, data: st.DataObject) -> None:
        wagon = data.draw(st.sampled_from(list(self.roster.members)))
        assert self.roster.drop(wagon)
        assert not self.roster.drop(wagon)
        wagon.seats = 0
        self.riding = [other for other in self.riding if other is not wagon]
        self.roster.learn(self.now - wagon.idle_since)
        self.dial()

    @rule(seconds=st.floats(0, 10))
    def wait(self, seconds: float) -> None:
        self.now += seconds

    @rule(wanted=st.integers(0, LIMIT))
    def aim(self, wanted: int) -> None:
        self.roster.target = wanted
        self.dial()

    @invariant()
    def first_come_first_served(self) -> None:
        assert self.boarded == sorted(self.boarded)

    @invariant()
    def nobody_waits_beside_a_free_seat(self) -> None:
        if self.queue:
            assert all(wagon.room == 0 for wagon in self.roster.members)

    @invariant()
    def the_queue_is_known(self) -> None:
        assert self.roster.waiting == len(self.queue)

    @invariant()
    def only_old_wagons_age(self) -> None:
        for wagon in self.roster.ageing(self.now):
            assert wagon.is_idle
            assert self.roster.lifetime is not None
            assert self.now - wagon.idle_since >= SOFT * self.roster.lifetime - 1e-9


TestStation = Station.TestCase


def test_one_at_a_time_in_turn() -> None:
    roster: Roster[Wagon, Passenger] = Roster(3)
    wagons = [Wagon(seats=1) for _ in range(3)]
    for wagon in wagons:
        roster.add(wagon)
    taken = []
    for _ in range(6):
        wagon = roster.take()
        assert wagon is not None
        taken.append(wagon)
        roster.offer(wagon)
    assert taken == wagons + wagons


def test_many_seats_are_filled_before_the_next_wagon() -> None:
    roster: Roster[Wagon, Passenger] = Roster(3)
    first, second = Wagon(seats=2), Wagon(seats=2)
    roster.add(first)
    roster.add(second)
    order = []
    for _ in range(4):
        wagon = roster.take()
        assert wagon is not None
        wagon.taken += 1
        order.append(wagon)
    assert order == [first, first, second, second]
    assert roster.take() is None


def test_the_idle_lifetime_is_learned_and_tested_again() -> None:
    roster: Roster[Wagon, Passenger] = Roster(3)
    wagon = Wagon(seats=1, idle_since=100.0)
    roster.add(wagon)
    roster.learn(0.2)
    roster.learn(5.1)
    assert roster.lifetime is None, "once is chance"
    roster.learn(5.0)
    assert roster.lifetime == 5.1
    assert not roster.ageing(100.0 + 5.1 * SOFT - 0.01)
    assert roster.ageing(100.0 + 5.1 * SOFT + 0.01) == [wagon]
    assert not roster.is_spent(wagon, 100.0 + 5.1 * HARD - 0.01)
    assert roster.is_spent(wagon, 100.0 + 5.1 * HARD + 0.01)
    roster.retired()
    assert roster.lifetime > 5.1
    roster.told(30.0)
    assert roster.lifetime == 30.0


def test_many_streams_need_few_connections() -> None:
    roster: Roster[Wagon, Passenger] = Roster(10, streams=100)
    for number in range(150):
        roster.wait(Passenger(number=number))
    assert roster.to_dial() == 2
    roster.streams = 1
    assert roster.to_dial() == 10
