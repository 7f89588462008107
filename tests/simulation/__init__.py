"""Clients, networks and servers in virtual time, for the goals of the rate limiter and of isolation.

- `virtual_time`: the event loop, whose clock jumps to the next timer; `server`: Katapult's rate limit; `rules`: faults
  and limits of a server or a proxy; `transport`: the network between a client and the server.
- `scenario`: one run of the limiter; `limiters`: the limiter under test, and one that knows the server's counter, whose
  makespan is the shortest possible; `peers`: limiters of other libraries; `goals`: what is measured, and its bounds.
- `programs`: a web application and batches, each with a whole client; `isolation`: the situations, with their goals.
"""
