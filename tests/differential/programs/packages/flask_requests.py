# own values only
"""Requests through Flask's test client: routing, templates, sessions, hooks, errors."""
import flask

app = flask.Flask(__name__)
app.secret_key = 'a key'
STOCK = {'apple': 3, 'pear': 0}


class SoldOut(Exception):
    pass


@app.before_request
def count_visits():
    flask.session['visits'] = flask.session.get('visits', 0) + 1


@app.errorhandler(SoldOut)
def sold_out(error):
    return {'error': str(error)}, 409


@app.route('/buy/<name>/<int:amount>', methods=['POST'])
def buy(name, amount):
    if STOCK[name] < amount:
        raise SoldOut(name)
    STOCK[name] -= amount
    return flask.jsonify(left=STOCK[name], by=flask.request.form.get('by'))


@app.route('/')
def index():
    return flask.render_template_string('{% for name, n in stock|dictsort %}{{ name|shout }}={{ n }};{% endfor %}{{ visits() }}',
                                        stock=STOCK, visits=visits)


@app.template_filter('shout')
def shout(text):
    return text.upper()


def visits():
    return flask.session['visits']


@app.route('/stream')
def stream():
    def parts():
        for n in range(3):
            yield 'part %d\n' % n

    return flask.Response(parts())


client = app.test_client()
for method, path in (('post', '/buy/apple/2'), ('post', '/buy/pear/1'), ('get', '/'), ('get', '/stream'), ('get', '/buy/apple/1'),
                     ('post', '/buy/plum/1'), ('get', '/nowhere')):
    answer = getattr(client, method)(path, data={'by': 'me'} if method == 'post' else None)
    print(method, path, answer.status_code, answer.get_data(as_text=True)[:40].replace('\n', '|'))
