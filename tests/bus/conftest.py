import os

# A small file system can be mounted by root only: elsewhere that file is not looked at.
collect_ignore = [] if os.geteuid() == 0 else ["test_disk_full.py"]
