"""What is heard in a clip, as one vector of functionals (paper 3, Sec. 3.2)."""
