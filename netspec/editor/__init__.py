"""What an editor asks about a spec that is being written, over the same checker and analyses.

All but `server` and `answers` are plain functions over texts, and know nothing of any protocol.
"""
