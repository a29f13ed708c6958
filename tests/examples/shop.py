"""A small shop, to see what a recording looks like: `pytrace shop.py`, then `pytrace`.

Three customers check out at the same time, each in a thread of their own. Ada's voucher is unknown, which costs her the
discount; Cyd wants more lamps than are left, which costs her the order. Then the parcels travel, in coroutines.
"""
import asyncio
import threading

PRICES = {'A-01': 250, 'A-02': 1199, 'B-01': 4990}  # in cents
VOUCHERS = {'SPRING': 10}  # percent off


class SoldOut(Exception):
    """Args: the article, how many were wanted, how many are left."""


class Stock:
    """How many pieces of each article are left. Customers come from several threads."""

    def __init__(self, pieces):
        self.pieces = dict(pieces)
        self.lock = threading.Lock()

    def take(self, article, count):
        with self.lock:
            left = self.pieces[article]
            if count > left:
                raise SoldOut(article, count, left)
            self.pieces[article] = left - count
            return self.pieces[article]

    def put_back(self, article, count):
        with self.lock:
            self.pieces[article] += count


class Cart:
    def __init__(self, customer, voucher=None):
        self.customer = customer
        self.voucher = voucher
        self.counts = {}

    def add(self, article, count=1):
        self.counts[article] = self.counts.get(article, 0) + count
        return self

    def lines(self):
        for article, count in sorted(self.counts.items()):
            yield article, count, PRICES[article] * count


def discount(voucher):
    try:
        return VOUCHERS[voucher]
    except KeyError:
        return 0


def checkout(cart, stock, *, shipping=490):
    """Takes the whole cart or nothing, and returns the total in cents."""
    total = 0
    taken = []
    try:
        for article, count, price in cart.lines():
            stock.take(article, count)
            taken.append((article, count))
            total += price
    except SoldOut:
        for article, count in taken:
            stock.put_back(article, count)
        raise
    return total * (100 - discount(cart.voucher)) // 100 + shipping


def serve(cart, stock, receipts):
    try:
        receipts[cart.customer] = 'pays %.2f' % (checkout(cart, stock) / 100)
    except SoldOut as error:
        receipts[cart.customer] = 'goes home: %s is sold out' % error.args[0]


async def travel(customer, *stops):
    for stop in stops:
        await asyncio.sleep(0)  # the road between two stops
    return customer, stop


async def deliver(customers):
    return await asyncio.gather(*(travel(customer, 'depot', 'van', 'door') for customer in customers))


def main():
    stock = Stock({'A-01': 10, 'A-02': 5, 'B-01': 1})
    carts = [
        Cart('ada', voucher='SUMMER').add('A-01', 3).add('A-02'),
        Cart('bob', voucher='SPRING').add('A-02', 2),
        Cart('cyd').add('A-01').add('B-01', 2),
    ]
    receipts = {}
    customers = [threading.Thread(target=serve, args=(cart, stock, receipts), name=cart.customer) for cart in carts]
    for customer in customers:
        customer.start()
    for customer in customers:
        customer.join()
    for name, receipt in sorted(receipts.items()):
        print(name, receipt)

    loop = asyncio.new_event_loop()
    paid = (name for name in sorted(receipts) if 'pays' in receipts[name])
    for customer, place in loop.run_until_complete(deliver(paid)):
        print('parcel for', customer, 'is at the', place)
    loop.close()
    print('left:', stock.pieces)


if __name__ == '__main__':
    main()
