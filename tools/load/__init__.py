"""`make load`: a case service's day, its Monday morning and its open pages, at the size of trust.md's goals G1 to G3.

Arrivals do not wait for answers; every time is counted from when the act was meant to begin; what was acknowledged
is compared with what is stored. docs/performance.md, "Load".
"""
