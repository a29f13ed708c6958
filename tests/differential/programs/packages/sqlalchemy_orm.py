# own files only (sets of objects are in the order of addresses)
"""Descriptors, instrumented attributes, generated code, events and generators of an ORM."""
from sqlalchemy import ForeignKey, String, create_engine, event, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship, validates


class Base(DeclarativeBase):
    pass


class Owner(Base):
    __tablename__ = 'owner'
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(30), unique=True)
    pets: Mapped[list['Pet']] = relationship(back_populates='owner', cascade='all, delete-orphan')

    @validates('name')
    def check_name(self, key, name):
        if not name:
            raise ValueError(key)
        return name.title()

    @hybrid_property
    def size(self):
        return len(self.pets)


class Pet(Base):
    __tablename__ = 'pet'
    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    owner_id: Mapped[int] = mapped_column(ForeignKey('owner.id'))
    owner: Mapped[Owner] = relationship(back_populates='pets')

    def __repr__(self):
        return 'Pet(%r)' % self.kind


def before_insert(mapper, connection, pet):
    pet.kind = pet.kind.upper()


def report(session):
    for owner in session.scalars(select(Owner).order_by(Owner.name)):
        yield owner.name, owner.size, [repr(pet) for pet in owner.pets]


event.listen(Pet, 'before_insert', before_insert)
engine = create_engine('sqlite://')
Base.metadata.create_all(engine)
with Session(engine) as session:
    session.add_all([Owner(name='ann', pets=[Pet(kind='cat'), Pet(kind='dog')]), Owner(name='bob')])
    session.commit()
    print(list(report(session)), session.scalar(select(func.count()).select_from(Pet)))
    session.add(Owner(name='ann'))
    try:
        session.commit()
    except IntegrityError as error:
        session.rollback()
        print(type(error).__name__)
    try:
        Owner(name='')
    except ValueError as error:
        print(error)
