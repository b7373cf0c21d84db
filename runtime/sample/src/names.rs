//! Invented names from short lists. Cities, firms and people do not exist.

use crate::draw::Draw;

const SURNAMES: &[&str] = &[
    "王", "李", "张", "刘", "陈", "杨", "赵", "黄", "周", "吴", "徐", "孙", "胡", "朱", "高", "林", "何", "郭", "马",
    "罗", "欧阳", "司徒",
];
const GIVEN: &[&str] = &[
    "伟", "芳", "娜", "敏", "静", "丽", "强", "磊", "军", "洋", "勇", "艳", "杰", "娟", "涛", "明", "超", "秀英",
    "建国", "海燕", "志远", "晓东", "子涵", "雨桐", "家豪", "玉兰", "文博", "思远",
];
const SHOP_FRONT: &[&str] = &[
    "惠民",
    "永和",
    "福来",
    "好邻居",
    "家家乐",
    "万顺",
    "新民",
    "鑫源",
    "聚福",
    "同心",
    "兴旺",
    "百汇",
    "旺角",
    "益民",
    "四季",
    "平安",
    "阳光",
    "金星",
    "大拇指",
    "小燕",
    "老街",
    "北门",
    "桥头",
    "校园",
    "康乐",
    "龙腾",
    "祥和",
    "如意",
];
const TRADE: &[&str] = &["超市", "便利店", "食杂店", "烟酒店", "商行", "小卖部", "生活馆", "副食店"];
const MODERN: &[&str] = &["购物广场", "生鲜超市", "连锁超市", "仓储店"];
const CONVENIENCE: &[&str] = &["便利", "24小时店", "快购"];
const DINING: &[&str] = &["面馆", "小厨", "火锅店", "烧烤店", "茶餐厅", "农家菜"];
const SPECIAL: &[&str] = &["加油站店", "校内店", "车站店", "景区店"];
const FIRM: &[&str] = &[
    "澄达",
    "汇丰源",
    "恒信",
    "广济",
    "润泽",
    "启航",
    "金穗",
    "联众",
    "宏图",
    "瑞祥",
    "天合",
    "盛源",
    "德邻",
    "通达",
    "嘉禾",
    "远景",
    "华茂",
    "顺昌",
    "东篱",
    "百川",
];

pub const AREAS: &[(&str, &str)] = &[("EAST", "东部大区"), ("SOUTH", "南部大区"), ("NORTH", "北部大区")];

/// Code, name and the south-west corner of a box 0.12° high and 0.14° wide, in millionths of a degree, at sea so that no
/// real shop stands there.
pub const CITIES: &[(&str, &str, i64, i64)] = &[
    ("QINGLAN", "青澜市", 29_100_000, 123_900_000),
    ("CANGYUE", "沧月市", 20_300_000, 115_600_000),
    ("SONGLING", "松岭市", 38_300_000, 120_100_000),
    ("YUNXI", "云溪市", 28_200_000, 123_400_000),
    ("YUDU", "玉渡市", 19_400_000, 114_700_000),
    ("JINCHUAN", "锦川市", 38_700_000, 119_400_000),
    ("BAILU", "白鹭市", 30_300_000, 124_300_000),
    ("XINGHE", "星河市", 18_900_000, 113_800_000),
];
pub const BOX_HEIGHT: i64 = 120_000;
pub const BOX_WIDTH: i64 = 140_000;

/// Code, name, own or not.
pub const BRANDS: &[(&str, &str, bool)] = &[
    ("AURELO", "澄果 Aurelo", true),
    ("KESTRO", "隼泉 Kestro", false),
    ("MIRABO", "米拉波 Mirabo", true),
    ("TANUVI", "檀语 Tanuvi", true),
    ("OLENKA", "欧莲卡 Olenka", true),
    ("VANTERO", "凡特罗 Vantero", false),
];

/// Code, name, parent's position.
pub const CATEGORIES: &[(&str, &str, Option<usize>)] = &[
    ("BEV", "饮料", None),
    ("SNACK", "零食", None),
    ("DAIRY", "乳品", None),
    ("WATER", "包装水", Some(0)),
    ("TEA", "茶饮料", Some(0)),
    ("SODA", "汽水", Some(0)),
    ("JUICE", "果汁", Some(0)),
    ("ENERGY", "功能饮料", Some(0)),
    ("CHIPS", "膨化食品", Some(1)),
    ("BISCUIT", "饼干", Some(1)),
    ("NUTS", "坚果", Some(1)),
    ("MILK", "常温奶", Some(2)),
    ("YOGURT", "酸奶", Some(2)),
];
/// Where the leaves begin in [`CATEGORIES`].
pub const FIRST_LEAF: usize = 3;

pub const FLAVOURS: &[&str] = &[
    "原味", "柠檬", "蜜桃", "青柠", "荔枝", "葡萄", "茉莉", "乌龙", "海盐", "番茄", "烧烤", "芝士", "椰香", "芒果",
    "草莓", "无糖",
];

pub fn person(draw: &mut Draw) -> String {
    format!("{}{}", draw.pick(SURNAMES), draw.pick(GIVEN))
}

/// Somebody who works here, by his place among all of them: no two have one name before every pair was used.
pub fn colleague(place: usize) -> String {
    /// Has no divisor in common with the number of pairs, so that it walks through all of them.
    const STRIDE: usize = 271;
    let pair = place * STRIDE % (SURNAMES.len() * GIVEN.len());
    format!("{}{}", SURNAMES[pair % SURNAMES.len()], GIVEN[pair / SURNAMES.len()])
}

/// A shop of the given channel (position in [`crate::network::CHANNELS`]).
pub fn shop(draw: &mut Draw, channel: usize) -> String {
    let kinds = match channel {
        1 => MODERN,
        2 => CONVENIENCE,
        3 => DINING,
        4 => SPECIAL,
        _ => TRADE,
    };
    format!("{}{}", draw.pick(SHOP_FRONT), draw.pick(kinds))
}

pub fn firm(ordinal: u64) -> String {
    let round = ordinal as usize / FIRM.len();
    let suffix = ["", "二", "三", "四"][round.min(3)];
    format!("{}{suffix}商贸有限公司", FIRM[ordinal as usize % FIRM.len()])
}

/// Eleven digits that no network gives out: mobile numbers never start with 10.
pub fn phone(ordinal: u64) -> String {
    format!("100{:08}", ordinal % 100_000_000)
}
