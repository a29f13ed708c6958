"""The request loop of a web framework."""
from flask import Flask, jsonify, request

app = Flask(__name__)


@app.route('/items/<int:number>')
def item(number):
    return jsonify(number=number, name=request.args['name'], tags=['a', 'b'])


def work():
    with app.test_client() as client:
        return sum(client.get('/items/%d?name=n%d' % (n, n)).get_json()['number'] for n in range(1000))
