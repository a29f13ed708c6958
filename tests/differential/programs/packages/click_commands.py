"""A command line that is parsed and run, with what can go wrong."""
import click
from click.testing import CliRunner


@click.group()
@click.option('--verbose', is_flag=True)
@click.pass_context
def main(context, verbose):
    context.obj = verbose


@main.command()
@click.argument('points', nargs=-1, required=True)
@click.option('--scale', type=click.IntRange(1, 3), default=1, callback=lambda context, parameter, value: value * 10)
@click.pass_obj
def show(verbose, points, scale):
    for point in sorted(int(each) for each in points):
        click.echo('%d %s' % (point * scale, verbose))


runner = CliRunner()
for words in (['show', '3', '1'], ['--verbose', 'show', '--scale', '2', '4'], ['show', '--scale', '9', '1'], ['show', 'x'], ['nothing'], []):
    done = runner.invoke(main, words)
    print(words, done.exit_code, done.output.splitlines()[-1:], type(done.exception).__name__)
