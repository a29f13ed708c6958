# own values only
"""A site in one file: models in a database, a form, views through the test client, a signal, a transaction that fails."""
import gc

import django
from django.conf import settings

gc.disable()  # receivers of signals die with their reference cycles
settings.configure(DEBUG=False, SECRET_KEY='a key', ROOT_URLCONF=__name__, ALLOWED_HOSTS=['*'], INSTALLED_APPS=[],
                   DATABASES={'default': {'ENGINE': 'django.db.backends.sqlite3', 'NAME': ':memory:'}},
                   DEFAULT_AUTO_FIELD='django.db.models.AutoField', USE_TZ=False)
django.setup()

from django import forms, http
from django.db import connection, models, transaction
from django.db.models.signals import post_save
from django.test import Client
from django.urls import path


class Book(models.Model):
    title = models.CharField(max_length=40)
    pages = models.IntegerField()

    class Meta:
        app_label = 'shelf'

    def is_long(self):
        return self.pages > 500

    def __str__(self):
        return '%s (%d)' % (self.title, self.pages)


class BookForm(forms.Form):
    title = forms.CharField(max_length=10)
    pages = forms.IntegerField(min_value=1)

    def clean_title(self):
        return self.cleaned_data['title'].strip().title()


def saved(sender, instance, created, **more):
    SAVED.append((instance.pk, created))


def add(request):
    form = BookForm(request.POST)
    if not form.is_valid():
        return http.JsonResponse(form.errors, status=400)
    return http.JsonResponse({'id': Book.objects.create(**form.cleaned_data).pk})


def titles(request):
    return http.HttpResponse(', '.join(str(book) for book in Book.objects.order_by('-pages') if book.is_long()))


def fails(request):
    with transaction.atomic():
        Book.objects.all().delete()
        raise http.Http404('not so')


SAVED = []
urlpatterns = [path('add', add), path('titles', titles), path('fails', fails)]
post_save.connect(saved, sender=Book)
with connection.schema_editor() as editor:
    editor.create_model(Book)
client = Client()
for data in ({'title': ' one ', 'pages': 900}, {'title': 'two', 'pages': 'x'}, {'title': 'a title of too many letters', 'pages': 3},
             {'title': 'three', 'pages': 600}):
    answer = client.post('/add', data)
    print(answer.status_code, answer.content.decode()[:60])
print(client.get('/titles').content.decode(), client.get('/fails').status_code, Book.objects.count(), SAVED)
