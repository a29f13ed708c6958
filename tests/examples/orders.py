"""A web application in which one request of four fails. Needs Flask."""
from flask import Flask, jsonify

app = Flask(__name__)
PRICES = {'A-17': 6.25, 'B-01': 4.5}


def price(sku, quantity):
    return PRICES[sku] * quantity


def total(order):
    return sum(price(sku, quantity) for sku, quantity in order)


@app.route('/order/<sku>/<int:quantity>')
def order(sku, quantity):
    return jsonify(total=total([(sku, quantity), ('A-17', 1)]))


if __name__ == '__main__':
    app.logger.disabled = True
    client = app.test_client()
    for path in ('/order/A-17/2', '/order/B-01/1', '/order/B-02/3', '/order/A-17/5'):
        print(path, client.get(path).status_code)
