"""The tool that draws a data set; what it draws is in tests/demo."""


def test_says_what_it_wrote(command, tmp_path):
    words = tmp_path / 'drawn', '--pairs', 6, '--size', 48, 64
    run = command('tools/dataset_converters/synthetic.py', *words)
    assert run.stdout == f'{tmp_path}/drawn: train 2, val 2, test 2, visual 2\n'
    assert len(list((tmp_path / 'drawn/vis').iterdir())) == 6


def test_a_mistake_is_a_sentence(tool, tmp_path):
    run = tool('dataset_converters/synthetic.py', tmp_path / 'drawn', '--pairs', 2)
    assert run.status == 1
    assert 'at least 6' in run.error
