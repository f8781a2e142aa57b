"""A back office that does nothing but carry out the outbox, to be killed at any moment."""

import os
import sys
import time
from datetime import timedelta

from etl.back_office import open_back_office
from etl.jobs.dispatch_outbox import dispatch_outbox
from etl.settings import load_settings


def main(quiet_s: float) -> None:
    office = open_back_office(load_settings(os.environ))
    while True:
        dispatch_outbox(office, quiet=timedelta(seconds=quiet_s))
        time.sleep(0.05)


if __name__ == "__main__":
    main(float(sys.argv[1]))
