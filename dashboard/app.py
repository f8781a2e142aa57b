"""The dashboard's entry: the page the address names, once its reader has signed in."""

import streamlit as st

from dashboard import auth, navigation, session, theme

st.set_page_config(page_title="Tieout", page_icon=theme.MARK, layout="wide")
page = navigation.current()
if session.person() is None:
    auth.show()
else:
    page.run()
