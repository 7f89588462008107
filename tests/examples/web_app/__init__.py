"""The tests of the web application.

`app_server`: serves it on a port, and reads its streams; `responsiveness`: how long its visitors wait.
"""
