using SignerCluster.Frost;
using SignerCluster.Protocol.Entities;

namespace SignerCluster.Protocol.Tests;

public sealed class EntityAddressTests
{
    private const string Group = "79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798";

    [Fact]
    public void An_address_comes_back_from_its_text()
    {
        SeatAddress seat = new(GroupId.Parse(Group), SessionId.Parse("Order-7:3"), new SeatId(10));
        Assert.Equal($"seat/{Group}/order-7:3/10", EntityAddress.Of(seat).ToString());
        Assert.Equal(seat, EntityAddress.ToSeat(EntityAddress.Of(seat)));
        CoordinatorAddress session = new(seat.Group, seat.Session);
        Assert.Equal(session, EntityAddress.ToCoordinator(EntityAddress.Of(session)));
    }

    [Theory]
    [InlineData("seat/G/s1/01")]
    [InlineData("seat/G/s1/00")]
    [InlineData("seat/G/s1/128")]
    [InlineData("seat/G/s1/99999999999")]
    [InlineData("seat/G/s1/-1")]
    [InlineData("seat/G/s1/x")]
    [InlineData("seat/G/s1")]
    [InlineData("seat/G/s1/1/1")]
    [InlineData("seat/G/_s1/1")]
    [InlineData("seat/G/s1:01/1")]
    [InlineData("roast/G/s1/1")]
    public void N8_An_id_that_no_address_is_written_as_names_no_seat(string id)
    {
        Assert.Throws<FormatException>(() => EntityAddress.ToSeat(EntityId.Parse(id.Replace("G", Group, StringComparison.Ordinal))));
    }

    [Theory]
    [InlineData("seat/G/s1")]
    [InlineData("roast/G")]
    [InlineData("roast/G/s1/1")]
    [InlineData("roast/00/s1")]
    public void N8_An_id_that_no_address_is_written_as_names_no_coordinated_session(string id)
    {
        Assert.Throws<FormatException>(() => EntityAddress.ToCoordinator(EntityId.Parse(id.Replace("G", Group, StringComparison.Ordinal))));
    }
}
