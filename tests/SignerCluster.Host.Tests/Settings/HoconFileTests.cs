using SignerCluster.Host.Settings;

namespace SignerCluster.Host.Tests.Settings;

/// <summary>Files in HOCON: the values are those of Akka's parser; lines, variables, includes and the refusal of what it would misread are ours.</summary>
public sealed class HoconFileTests : IDisposable
{
    private readonly SettingsFolder _folder = new();

    [Theory]
    [InlineData("", "{}")]
    [InlineData("""{ "a" : 1, "b" : [true, null, "x\né"] }""", """{"a":1,"b":[true,null,"x\n\u00E9"]}""")]
    [InlineData("\uFEFFa = 1 // one\r\nb : 2 # two\r\n", """{"a":1,"b":2}""")]
    [InlineData("a { b = 1, }\na.c = 2, a.\"d.e\" = 3", """{"a":{"b":1,"c":2,"d.e":3}}""")]
    [InlineData("a = [1\n2,\n3,], b = [ ], c = { }", """{"a":[1,2,3],"b":[],"c":{}}""")]
    [InlineData("a =\n  [{ x = 1 }\n { y = 2s }]", """{"a":[{"x":1},{"y":"2s"}]}""")]
    [InlineData("a = foo   bar  , b = \"x\" \"y\"z, c = /etc/a.b, d = 1e+6, e = 007", """{"a":"foo   bar","b":"x yz","c":"/etc/a.b","d":1e+6,"e":"007"}""")]
    [InlineData("a = 1, a = { b = 1 }, a { c = 2 }, d { e = 1 }, d = null", """{"a":{"b":1,"c":2},"d":null}""")]
    [InlineData("a = \"\", b = \"\"\"\\x\n\"y\"\"\", c = 1", """{"a":"","b":"\\x\n\u0022y","c":1}""")]
    public void Values_are_what_HOCON_says(string text, string json) => Assert.Equal(json, _folder.Json(text));

    [Theory]
    [InlineData("a = ${X}", """{"a":"x \u0022\\ y"}""")]
    [InlineData("a = /r/${N}\"/f\", b = ${N}${N}, c = [${N}, ${?NO}, 2, ${?NO}], d = [${?NO}]", """{"a":"/r/5/f","b":55,"c":[5,2],"d":[]}""")]
    [InlineData("a = 1\na = ${?NO}\nb = ${?NO} , c = x${?NO}y, s { d = ${?NO} }, e = ${?NO} ${?EMPTY}", """{"a":1,"c":"xy","s":{}}""")]
    [InlineData("# ${NO}\na = \"${NO}\"", """{"a":"${NO}"}""")]
    public void Variables_come_from_the_environment_and_an_optional_one_that_is_not_set_is_as_if_not_written(string text, string json)
    {
        (_folder.Environment["X"], _folder.Environment["N"], _folder.Environment["EMPTY"]) = ("x \"\\ y", "5", string.Empty);
        Assert.Equal(json, _folder.Json(text));
    }

    [Fact]
    public void All_variables_that_are_missing_are_told_at_once()
    {
        string[] told = _folder.Refusal("a { b = ${X} }\nc = \"x\"${EMPTY}\nd = ${c}").Split('\n');
        Assert.Equal(["a.conf:1: a.b: X", "a.conf:2: c: EMPTY", "a.conf:3: d: c"], told.Select(static line => line.Split(" is no environment variable")[0]));
    }

    [Fact]
    public void An_included_file_stands_where_it_is_included_and_its_name_starts_at_the_folder_of_the_one_that_includes()
    {
        _folder.Write("sub/b.conf", "x = 1, include required(\"c.conf\")");
        _folder.Write("sub/c.conf", "{ y = 2 }");
        Assert.Equal("""{"x":3,"y":2}""", _folder.Json("include \"sub/b.conf\"\nx = 3\ninclude \"none.conf\""));
        Assert.Equal("""{"a":{"x":1,"y":2}}""", _folder.Json("a { x = 3, include required( \"sub/b.conf\" ) }"));
    }

    [Fact]
    public void A_file_that_is_not_there_counts_only_when_it_is_required_and_none_may_include_itself()
    {
        Assert.StartsWith("a.conf:2: none.conf cannot be read", _folder.Refusal("x = 1\ninclude required(\"none.conf\")"), StringComparison.Ordinal);
        _folder.Write("b.conf", "\n\ninclude \"a.conf\"");
        Assert.Equal("b.conf:3: a.conf includes itself, directly or through others.", _folder.Refusal("include \"b.conf\""));
    }

    [Fact]
    public void Every_key_has_its_file_its_line_and_the_variables_of_its_value()
    {
        _folder.Environment["X"] = "x";
        _folder.Write("b.conf", "\ny = ${X}\"/\"${X}");
        HoconFile file = _folder.File("s {\n  t.u = \"\"\"a\nb\"\"\"\n  include \"b.conf\"\n}\n\nl = [ # one\n { z = ${X} }, 1 ]\ns.t.v = 1\n");
        (string, HoconOrigin)[] expected =
        [
            ("s.t.u", new(_folder.PathOf("a.conf"), 2)), ("s.t.v", new(_folder.PathOf("a.conf"), 9)),
            ("s.y", new(_folder.PathOf("b.conf"), 2, "X, X")), ("l", new(_folder.PathOf("a.conf"), 7, "X")),
        ];
        Assert.Equal(expected, file.Leaves().Select(leaf => (leaf.Key, file.Origins[leaf.Key])));
    }

    [Theory]
    [InlineData("a", "a.conf:1: 'a' is not expected here")]
    [InlineData("a b = 1", "a.conf:1: 'a' is not expected here")]
    [InlineData("a += 1", "a.conf:1: 'a' is not expected here")]
    [InlineData("a..b = 1", "a.conf:1: 'a' is not expected here")]
    [InlineData("[1]", "a.conf:1: '[' is not expected here")]
    [InlineData("include file(\"x\")", "a.conf:1: 'i' is not expected here")]
    [InlineData("a =", "a.conf:1: a: the file ends here")]
    [InlineData("a { b = 1\n", "a.conf:2: a: the file ends here")]
    [InlineData("a = [1\n", "a.conf:2: a: the file ends here")]
    [InlineData("a = 1 }\nb = 2", "a.conf:1: a: '}' is not expected here")]
    [InlineData("{ a = 1 } b = 2", "a.conf:1: 'b' is not expected here")]
    [InlineData("a = \nb = 2", "a.conf:2: a: '=' is not expected here")]
    [InlineData("a = 1, , b = 2", "a.conf:1: ',' is not expected here")]
    [InlineData("a = { b = 1 } c = 2", "a.conf:1: a: 'c' is not expected here")]
    [InlineData("a = x { b = 1 }", "a.conf:1: a: '{' is not expected here")]
    [InlineData("\na = 127.0.0.1:7420", "a.conf:2: a: ':' is not expected here")]
    [InlineData("a = \"x\nb = 2", "a.conf:1: a: '\"' is not expected here")]
    [InlineData("a = \"\\q\"", "a.conf:1: a: '\"' is not expected here")]
    [InlineData("a = \"\"\"x", "a.conf:1: a: '\"' is not expected here")]
    [InlineData("a = ${b.c}", "a.conf:1: a: '$' is not expected here")]
    [InlineData("a = [1 = 2]", "a.conf:1: a: '=' is not expected here")]
    [InlineData("a = [x@y]", "a.conf:1: a: '@' is not expected here")]
    [InlineData("a = [b}", "a.conf:1: a: '}' is not expected here")]
    public void What_the_parser_would_misread_or_never_finish_is_refused_with_file_line_and_key(string text, string refusal) =>
        Assert.StartsWith(refusal, _folder.Refusal(text), StringComparison.Ordinal);

    [Fact]
    public void A_file_that_is_no_text_or_nested_without_end_is_refused()
    {
        string path = _folder.PathOf("b.conf");
        File.WriteAllBytes(path, [(byte)'a', (byte)'=', 0xff]);
        Assert.EndsWith("it is not UTF-8.", _folder.Refusal("include \"b.conf\""), StringComparison.Ordinal);
        Assert.Contains("nested", _folder.Refusal("a = " + new string('[', 5000)), StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();
}
