using System.Globalization;
using System.Text;
using System.Text.Json;
using SignerCluster.Protocol.Wire;

namespace SignerCluster.Protocol.Tests.Codecs;

/// <summary>RFC 8785: whoever wrote a JSON value, and however, its canonical text is one.</summary>
public class CanonicalJsonTests
{
    private static readonly string _vectors = Path.Combine(AppContext.BaseDirectory, "Vectors", "rfc8785");

    [Theory]
    [InlineData("arrays")]
    [InlineData("french")]
    [InlineData("structures")]
    [InlineData("unicode")]
    [InlineData("values")]
    [InlineData("weird")]
    public void C4_The_published_inputs_have_their_published_canonical_text(string name)
    {
        byte[] canonical = CanonicalJson.Of(File.ReadAllBytes(Path.Combine(_vectors, "input", $"{name}.json")));
        Assert.Equal(File.ReadAllText(Path.Combine(_vectors, "output", $"{name}.json")), Encoding.UTF8.GetString(canonical));
        Assert.Equal(canonical, CanonicalJson.Of(canonical));
    }

    /// <summary>RFC 8785, Appendix B.</summary>
    [Theory]
    [InlineData("0000000000000000", "0")]
    [InlineData("8000000000000000", "0")]
    [InlineData("0000000000000001", "5e-324")]
    [InlineData("8000000000000001", "-5e-324")]
    [InlineData("7fefffffffffffff", "1.7976931348623157e+308")]
    [InlineData("ffefffffffffffff", "-1.7976931348623157e+308")]
    [InlineData("4340000000000000", "9007199254740992")]
    [InlineData("c340000000000000", "-9007199254740992")]
    [InlineData("4430000000000000", "295147905179352830000")]
    [InlineData("44b52d02c7e14af5", "9.999999999999997e+22")]
    [InlineData("44b52d02c7e14af6", "1e+23")]
    [InlineData("44b52d02c7e14af7", "1.0000000000000001e+23")]
    [InlineData("444b1ae4d6e2ef4e", "999999999999999700000")]
    [InlineData("444b1ae4d6e2ef4f", "999999999999999900000")]
    [InlineData("444b1ae4d6e2ef50", "1e+21")]
    [InlineData("3eb0c6f7a0b5ed8c", "9.999999999999997e-7")]
    [InlineData("3eb0c6f7a0b5ed8d", "0.000001")]
    [InlineData("41b3de4355555553", "333333333.3333332")]
    [InlineData("41b3de4355555554", "333333333.33333325")]
    [InlineData("41b3de4355555555", "333333333.3333333")]
    [InlineData("41b3de4355555556", "333333333.3333334")]
    [InlineData("41b3de4355555557", "333333333.33333343")]
    [InlineData("becbf647612f3696", "-0.0000033333333333333333")]
    [InlineData("43143ff3c1cb0959", "1424953923781206.2")]
    public void C4_The_published_numbers_have_their_published_text(string bits, string text)
    {
        double number = BitConverter.UInt64BitsToDouble(ulong.Parse(bits, NumberStyles.HexNumber, CultureInfo.InvariantCulture));
        Assert.Equal(text, Encoding.UTF8.GetString(CanonicalJson.Of(JsonSerializer.SerializeToUtf8Bytes(number))));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{} {}")]
    [InlineData("{},")]
    [InlineData("""{"a":1,"a":1}""")]
    [InlineData("""{"a":1,"\u0061":2}""")]
    [InlineData("""["\ud800"]""")]
    [InlineData("""{"\udc00":1}""")]
    [InlineData("1e400")]
    [InlineData("NaN")]
    [InlineData("""[1,]""")]
    [InlineData("""{"a":1 /* no */}""")]
    public void What_is_not_one_value_that_everybody_reads_alike_is_refused(string text) =>
        Assert.Throws<FormatException>(() => CanonicalJson.Of(Encoding.UTF8.GetBytes(text)));

    [Fact]
    public void What_is_nested_without_end_is_refused()
    {
        string deep = new string('[', 65) + new string(']', 65);
        Assert.Throws<FormatException>(() => CanonicalJson.Of(Encoding.UTF8.GetBytes(deep)));
        Assert.Equal(deep[1..^1], Encoding.UTF8.GetString(CanonicalJson.Of(Encoding.UTF8.GetBytes(deep[1..^1]))));
    }
}
