"""The tool that exports; what it does is in tests/test_deploy."""


def test_tool_wants_one_model(tool, tiny_configs, tmp_path):
    for words in ([], [tiny_configs[0]], [tiny_configs[0], 'a.pth', '--model', 'default']):
        run = tool('export', *words, '--format', 'onnx', '--out', tmp_path / 'out')
        assert run.error == 'error: give CONFIG and CHECKPOINT, or --model NAME'
