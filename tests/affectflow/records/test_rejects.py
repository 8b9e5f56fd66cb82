from __future__ import annotations

from affectflow.records.rejects import group_rejects, group_rows

POINTER = "a Git LFS pointer, not the video; 'git lfs pull' fetches it"


def told(rejects, *what):
    return [group.told(*what) for group in group_rejects(rejects)]


def test_one_line_for_thousands_of_the_same():
    # As CREMA-D is when it was cloned without Git LFS.
    names = [f"{1001 + n}_DFA_ANG_XX" for n in range(7441)]
    rejects = [(n, "unreadable", f"/data/c d/VideoFlash/{n}.flv: {POINTER}") for n in names]
    rejects.insert(0, ("1000_IEO_SAD_LO", "no_face", "/data/c d/x.flv: no face in 72 frames"))
    assert told(rejects) == [
        "7,441 clips: the file is not a video that can be read, such as 1001_DFA_ANG_XX: "
        f"/data/c d/VideoFlash/1001_DFA_ANG_XX.flv: {POINTER}",
        "1000_IEO_SAD_LO: no face was found in any frame: /data/c d/x.flv: no face in 72 frames",
    ]


def test_paths_numbers_and_quoted_names_do_not_make_groups():
    rows = [
        {
            "video_id": f"video {n}",
            "cause": "labels_do_not_fit",
            "detail": f"/data/my set/Train_Set/video {n}.txt has {n + 91} rows but the clip has "
            f"{n + 90} frames; label_slack=0 allows 0 rows too few or too many at the end",
        }
        for n in range(5)
    ]
    (group,) = group_rows(rows)
    assert (group.number, group.name, group.cause) == (5, "video 0", "labels_do_not_fit")
    bad = [
        (str(n), "bad_labels", f"/a/t.csv, line {n}: valence is '{n}.x'; a number would do")
        for n in range(3)
    ]
    assert len(group_rejects(bad)) == 1


def test_what_was_found_tells_groups_of_one_cause_apart_up_to_a_few():
    found = [
        "moov atom not found",
        "the file is empty (0 bytes)",
        "a web page",
        "an archive",
        "x y",
    ]
    rejects = [
        (f"v{n}{m}", "unreadable", f"/v/{n}{m}.mp4: {what}")
        for n, what in enumerate(found)
        for m in range(9 - n)
    ]
    groups = group_rejects(rejects)
    assert [group.number for group in groups] == [9, 8, 7, 6 + 5]
    assert sum(group.number for group in groups) == len(rejects)
    assert groups[-1].name == "v30"


def test_what_is_no_rejection_and_causes_from_elsewhere():
    assert told([("a", "", "OSError: disk"), ("b", "", "OSError: disk")], "videos") == [
        "2 videos, such as a: OSError: disk"
    ]
    assert told([("a", "", "disk")]) == ["a: disk"]
    assert told([("a", "of_tomorrow", "d")]) == ["a: of tomorrow: d"]
    assert group_rejects([]) == []
