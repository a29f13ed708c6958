# own files only
import concurrent.futures


def square(n):
    return n * n


def fails(n):
    raise KeyError(n)


def callback(future):
    return future.done()


with concurrent.futures.ThreadPoolExecutor(1) as pool:
    futures = [pool.submit(square, n) for n in range(5)]
    for future in futures:
        future.result()
    future = pool.submit(fails, 1)
    try:
        future.result()
    except KeyError:
        pass
    list(pool.map(square, range(3)))
