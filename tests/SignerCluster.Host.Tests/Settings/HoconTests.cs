namespace SignerCluster.Host.Tests.Settings;

/// <summary>The supported part of HOCON, by the examples and rules of its specification (github.com/lightbend/config, HOCON.md), whose headings the names follow.</summary>
public sealed class HoconTests : IDisposable
{
    private readonly SettingsFolder _folder = new();

    [Theory]
    [InlineData("""{ "a" : 1, "b" : [true, null, "x\né"] }""", """{"a":1,"b":[true,null,"x\n\u00E9"]}""")]
    [InlineData("", "{}")]
    [InlineData("# nothing\n// at all", "{}")]
    [InlineData("a = 1 // one\nb = 2 # two", """{"a":1,"b":2}""")]
    [InlineData("\uFEFFa = 1\r\nb = 2\r\n", """{"a":1,"b":2}""")]
    public void Json_comments_and_a_root_without_braces(string text, string json) => Assert.Equal(json, _folder.Json(text));

    [Theory]
    [InlineData("a = 1, b : 2", """{"a":1,"b":2}""")]
    [InlineData("a { b = 1 }", """{"a":{"b":1}}""")]
    [InlineData("a = [1,2,3,]", """{"a":[1,2,3]}""")]
    [InlineData("a = [1\n2\n3]", """{"a":[1,2,3]}""")]
    [InlineData("a = {b = 1,}\n,\nc = 2", """{"a":{"b":1},"c":2}""")]
    public void Separators_are_commas_and_new_lines(string text, string json) => Assert.Equal(json, _folder.Json(text));

    [Theory]
    [InlineData("a = [1,,2]", "a.conf:1: a: two commas")]
    [InlineData("a = [,1]", "a.conf:1: a: the value is missing")]
    [InlineData("a = 1,,b = 2", "a.conf:1: a: two commas")]
    [InlineData("a = { b = 1 } c", "a.conf:1: a: an object can be followed only by objects")]
    [InlineData(",a = 1", "a.conf:1: ',' stands where a key is expected")]
    [InlineData("a = { b = 1 } c = 2", "a.conf:1: a: '=' is not allowed in a text without quotes")]
    public void Separators_that_the_specification_calls_invalid(string text, string refusal) => Assert.StartsWith(refusal, _folder.Refusal(text), StringComparison.Ordinal);

    [Theory]
    [InlineData("""{ "foo" : { "a" : 42 }, "foo" : { "b" : 43 } }""", """{"foo":{"a":42,"b":43}}""")]
    [InlineData("""{ "foo" : { "a" : 42 }, "foo" : null, "foo" : { "b" : 43 } }""", """{"foo":{"b":43}}""")]
    [InlineData("foo = 1\nfoo = 2", """{"foo":2}""")]
    public void Duplicate_keys_and_object_merging(string text, string json) => Assert.Equal(json, _folder.Json(text));

    [Theory]
    [InlineData("a = foo bar", """{"a":"foo bar"}""")]
    [InlineData("a =   foo   bar   ", """{"a":"foo   bar"}""")]
    [InlineData("a = 1 2", """{"a":"1 2"}""")]
    [InlineData("a = true story", """{"a":"true story"}""")]
    [InlineData("a = 10.0foo", """{"a":"10.0foo"}""")]
    [InlineData("a = \"x\" \"y\"z", """{"a":"x yz"}""")]
    [InlineData("a = /etc/signer/roster.json", """{"a":"/etc/signer/roster.json"}""")]
    [InlineData("a = 1e+6, b = -0.5, c = 007", """{"a":1e+6,"b":-0.5,"c":"007"}""")]
    public void Unquoted_texts_and_their_concatenation(string text, string json) => Assert.Equal(json, _folder.Json(text));

    [Theory]
    [InlineData("a = [ 1, 2 ] [ 3, 4 ]", """{"a":[1,2,3,4]}""")]
    [InlineData("""data-center-generic = { cluster-size = 6 }, data-center-east = ${data-center-generic} { name = "east" }""", """{"data-center-generic":{"cluster-size":6},"data-center-east":{"cluster-size":6,"name":"east"}}""")]
    [InlineData("""data-center-generic = { cluster-size = 6 }, data-center-east = { name = "east" } ${data-center-generic}""", """{"data-center-generic":{"cluster-size":6},"data-center-east":{"name":"east","cluster-size":6}}""")]
    [InlineData("b = { x = 1 }, c = { x = 2, y = 3 }, a = ${b}${c}", """{"b":{"x":1},"c":{"x":2,"y":3},"a":{"x":2,"y":3}}""")]
    [InlineData("path = [ /bin ], path = ${path} [ /usr/bin ]", """{"path":["/bin","/usr/bin"]}""")]
    [InlineData("a = [ { x = 1 } { y = 2 } ]", """{"a":[{"x":1,"y":2}]}""")]
    public void Array_and_object_concatenation(string text, string json) => Assert.Equal(json, _folder.Json(text));

    [Fact]
    public void Triple_quotes_hold_everything_as_it_stands()
    {
        string quotes = new('"', 3);
        Assert.Equal("""{"a":"x\\n \n\u0022y","b":"foo\u0022"}""", _folder.Json($"a = {quotes}x\\n \n\"y{quotes}\nb = {quotes}foo{quotes}\""));
    }

    [Theory]
    [InlineData("foo.bar : 42", """{"foo":{"bar":42}}""")]
    [InlineData("a.x : 42, a.y : 43", """{"a":{"x":42,"y":43}}""")]
    [InlineData("""a."b.c" : 3""", """{"a":{"b.c":3}}""")]
    [InlineData("3.14 : 42", """{"3":{"14":42}}""")]
    [InlineData("true : 42", """{"true":42}""")]
    public void Paths_as_keys(string text, string json) => Assert.Equal(json, _folder.Json(text));

    [Theory]
    [InlineData("bar : { foo : 42, baz : ${bar.foo} }", """{"bar":{"foo":42,"baz":42}}""")]
    [InlineData("bar : { foo : 42, baz : ${bar.foo} }, bar : { foo : 43 }", """{"bar":{"foo":43,"baz":43}}""")]
    [InlineData("bar : { a : ${foo.d}, b : 1 }, bar.b = 3, foo : { c : ${bar.b}, d : 2 }, foo.d = 4", """{"bar":{"a":4,"b":3},"foo":{"c":3,"d":4}}""")]
    [InlineData("a : ${b}, b = 1, b = 2", """{"a":2,"b":2}""")]
    [InlineData("path : \"a:b:c\", path : ${path}\":d\"", """{"path":"a:b:c:d"}""")]
    [InlineData("foo : { a : { c : 1 } }, foo : ${foo.a}, foo : { a : 2 }", """{"foo":{"a":2,"c":1}}""")]
    [InlineData("a : { x = 1 }, a { x = ${a.x}2 }", """{"a":{"x":"12"}}""")]
    [InlineData("a = 1, a = ${?nowhere}", """{"a":1}""")]
    [InlineData("a = ${?nowhere}", "{}")]
    [InlineData("a = [1, ${?nowhere}, 2]", """{"a":[1,2]}""")]
    [InlineData("a = x${?nowhere}y", """{"a":"xy"}""")]
    [InlineData("a = ${?a}foo", """{"a":"foo"}""")]
    [InlineData("a += 1, a += 2", """{"a":[1,2]}""")]
    [InlineData("s { a = [1] }, s.a += 2", """{"s":{"a":[1,2]}}""")]
    public void Substitutions_see_the_final_value_and_their_own_earlier_one(string text, string json) => Assert.Equal(json, _folder.Json(text));

    [Theory]
    [InlineData("a : ${a}", "a.conf:1: a: ${a} refers to itself")]
    [InlineData("a : ${b}\nb : ${a}", "a.conf:2: b: ${a} refers to itself")]
    [InlineData("a : { b : ${a} }", "a.conf:1: a.b: ${a} is an object that this key is a part of")]
    [InlineData("\na = ${b.c}", "a.conf:2: a: ${b.c} is neither a key nor an environment variable")]
    [InlineData("a = [1] 2", "a.conf:1: a: a list and '2' cannot stand beside each other")]
    [InlineData("b = 1, a = ${b} { c = 1 }", "a.conf:1: a: ${b} stands beside an object and is none")]
    [InlineData("a = 1, a += 2", "a.conf:1: a: '1' and a list cannot stand beside each other")]
    public void Substitutions_that_cannot_be_made(string text, string refusal) => Assert.Contains(refusal, _folder.Refusal(text), StringComparison.Ordinal);

    [Fact]
    public void Substitution_falls_back_to_the_environment_and_a_key_comes_first()
    {
        _folder.Environment["HOME_OF_IT"] = "/home/x";
        _folder.Environment["b"] = "from outside";
        Assert.Equal("""{"a":"/home/x/file","b":1,"c":1}""", _folder.Json("a = ${HOME_OF_IT}/file, b = 1, c = ${b}"));
        Assert.Equal("""{"b":null,"c":null}""", _folder.Json("b = null, c = ${b}"));
    }

    [Fact]
    public void Every_substitution_that_cannot_be_made_is_told_at_once() => Assert.Equal(2, _folder.Refusal("a = ${X}\nb = ${Y}").Split('\n').Length);

    [Fact]
    public void A_file_that_grows_without_end_by_substitution_is_refused()
    {
        string doubling = string.Concat(Enumerable.Range(1, 40).Select(static line => $"a{line} = ${{a{line - 1}}}${{a{line - 1}}}\n"));
        Assert.Contains("too many or too deep", _folder.Refusal("a0 = x\n" + doubling), StringComparison.Ordinal);
        Assert.Contains("nested", _folder.Refusal("a = " + new string('[', 5000)), StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();
}
