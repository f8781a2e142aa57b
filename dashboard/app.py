"""The dashboard's entry: the page the address names, once its reader has signed in."""

import streamlit as st

from dashboard import auth, doors, navigation, reads, session, theme
from dashboard.components.errors import calm

st.set_page_config(page_title="Tieout", page_icon=theme.MARK, layout="wide")
st.html(theme.style())
with calm():
    doors.arrive()
page = navigation.current()
if session.person() is None:
    auth.show()
elif session.fresh_codes():
    auth.show_codes()
else:
    with reads.one_run():
        page.run()
    doors.fetch_cookie()  # not in the sidebar: what is folded away on a phone does not run
