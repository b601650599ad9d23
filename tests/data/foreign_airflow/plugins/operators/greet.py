"""An operator of the project."""

from airflow.sdk import BaseOperator
from airflow.sdk.definitions.context import Context
from include.people import greeting


class GreetOperator(BaseOperator):
    """Greets somebody.

    Args:
        who: the name.
    """

    template_fields = ("who",)

    def __init__(self, *, who: str, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self.who = who

    def execute(self, context: Context) -> str:
        """Say it, and give it on."""
        said = greeting(self.who)
        self.log.info(said)
        return said
