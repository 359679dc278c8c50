//! The garments as flat drawings in a box 80 wide and 96 high, as SVG path data without blanks.

/// One garment in layers. Everything in `front` and `back` that encloses an area runs the way round the body does: it is
/// painted in one path with the body, and the other way round it is cut out of it, as the opening of a hood is.
pub(super) struct Drawing {
    /// Filled with the style's colour.
    pub(super) body: &'static str,
    /// Filled with the second colour of a style.
    pub(super) trim: &'static str,
    /// Colour of the trim, in hexadecimal, where a style has no second one: of soles, lenses, buckles. Empty: no trim.
    pub(super) plain: &'static str,
    /// Seams, zips and laces of the front.
    pub(super) front: &'static str,
    /// The same of the other side.
    pub(super) back: &'static str,
    /// Left, top, width and height of what a close-up shows.
    pub(super) detail: &'static str,
}

pub(super) static JACKET: Drawing = Drawing {
    body: "M28,24c-2-16,26-16,24,0l12,5,9,38-10,3-6-22v34H23V48l-6,22-10-3,9-38z",
    trim: "M16,29l12-5h24l12,5,3,12H13z",
    plain: "",
    front: "M40,30v52M31,23c2,9,16,9,18,0-2-10-16-10-18,0M26,64l8,3M54,64l-8,3M9,61l10,3M71,61l-10,3",
    back: "M52,24q-12,8-24,0M40,13v14M14,42h52M9,61l10,3M71,61l-10,3",
    detail: "20,10,40,48",
};

pub(super) static COAT: Drawing = Drawing {
    body: "M30,12h20l13,7,8,40-9,3-6-22,5,50H19l5-50-6,22-9-3,8-40z",
    trim: "M23.2,48h33.6l.7,8h-35z",
    plain: "",
    front: "M50,12,40,33,30,12M40,33v57M44,40h2M44,62h2M26,66h8M46,66h8M10,54l9,3M70,54l-9,3",
    back: "M50,12q-10,6-20,0M40,56v34M10,54l9,3M70,54l-9,3",
    detail: "22,8,36,43",
};

pub(super) static FLEECE: Drawing = Drawing {
    body: "M31,15h18v8l14,5,10,38-10,4-6-22v34H23V48l-6,22-10-4,10-38,14-5z",
    trim: "M31,15h18v8l8,3,1,18H22l1-18,8-3z",
    plain: "",
    front: "M40,15v30M49,23q-9,5-18,0M47,36h8v7h-8zM9,61l10,4M71,61l-10,4",
    back: "M49,23q-9,4-18,0M22,46h36M9,61l10,4M71,61l-10,4",
    detail: "22,10,38,46",
};

pub(super) static GILET: Drawing = Drawing {
    body: "M31,14h18v6l9,5q-6,12,2,22v36H20V47q8-10,2-22l9-5z",
    trim: "M31,14h18v6l9,5-2,10H24l-2-10,9-5z",
    plain: "",
    front: "M40,14v69M49,20q-9,5-18,0M24,36h32M20,48h40M20,60h40M20,72h40",
    back: "M49,20q-9,4-18,0M24,36h32M20,48h40M20,60h40M20,72h40",
    detail: "21,10,38,46",
};

pub(super) static SWEATER: Drawing = Drawing {
    body: "M30,18q10,7,20,0l13,6,10,42-9,4-8-24v36H24V46l-8,24-9-4,10-42z",
    trim: "M24,42l4-5,4,5,4-5,4,5,4-5,4,5,4-5,4,5v10l-4-5-4,5-4-5-4,5-4-5-4,5-4-5-4,5z",
    plain: "",
    front: "M53,19q-13,13-26,0M24,76h32M8,60l10,4M72,60l-10,4M30,76v6M37,76v6M43,76v6M50,76v6",
    back: "M52,19q-12,7-24,0M24,76h32M8,60l10,4M72,60l-10,4M30,76v6M37,76v6M43,76v6M50,76v6",
    detail: "20,14,40,48",
};

pub(super) static SHIRT: Drawing = Drawing {
    body: "M31,17l9,5,9-5,14,6,9,42-9,3-7-24v38H24V44l-7,24-9-3,9-42z",
    trim: "M10.7,57l9,3-2,8-9-3zM69.3,57l-9,3,2,8,9-3z",
    plain: "",
    front: "M40,22v60M49,17l3,11-7-2-5-4-5,4-7,2,3-11M45,38h8v8h-8zM38,34h1M38,46h1M38,58h1M38,70h1",
    back: "M49,17q-9,12-18,0M23,32h34M38,32v50M42,32v50",
    detail: "23,13,36,43",
};

pub(super) static TEE: Drawing = Drawing {
    body: "M30,20q10,7,20,0l16,7,7,19-11,4-4-9v39H22V41l-4,9-11-4,7-19z",
    trim: "M22,42h36v6H22zM22,54h36v6H22z",
    plain: "",
    front: "M53,21q-13,13-26,0M22,76h36M9,43l11,4M71,43l-11,4",
    back: "M52,21q-12,7-24,0M22,76h36M9,43l11,4M71,43l-11,4",
    detail: "21,15,38,46",
};

pub(super) static TROUSERS: Drawing = Drawing {
    body: "M26,12h28l5,74H45L40,38,35,86H21z",
    trim: "M21.5,79H36l-1,7H21zM58.5,79H44l1,7h14z",
    plain: "",
    front: "M26,19h28M40,19v19M31,19l-6,9M49,19l6,9M31,30l-3,49M49,30l3,49",
    back: "M26,19h28M40,19v19M28,26h8v8h-8zM44,26h8v8h-8z",
    detail: "21,8,38,46",
};

pub(super) static JEANS: Drawing = Drawing {
    body: "M25,12h30l4,74H45L40,40,35,86H21z",
    trim: "M21.4,80H35.7l-.7,6H21zM58.6,80H44.3l.7,6h14z",
    plain: "",
    front: "M25,18h30M40,18v22M40,18v8q0,5-3,6M32,18q-1,8-8,8M56,26q-7,0-8-8M30,12v6M50,12v6",
    back: "M25,18h30M55,21l-15,4-15-4M27,28h10v8l-5,3-5-3zM43,28h10v8l-5,3-5-3z",
    detail: "21,8,38,46",
};

pub(super) static SHORTS: Drawing = Drawing {
    body: "M25,26h30l6,42H44l-4-16-4,16H19z",
    trim: "M19.7,63H37.2L36,68H19zM60.3,63H42.8L44,68h17z",
    plain: "",
    front: "M24,33h32M40,33v19M38,33l-1,9M42,33l1,9M30,33l-6,12M50,33l6,12",
    back: "M24,33h32M40,33v19M44,39h9v9h-9z",
    detail: "20,20,40,48",
};

pub(super) static SKIRT: Drawing = Drawing {
    body: "M28,20h24l13,58q-25,9-50,0z",
    trim: "M28,20h24l2,8H26z",
    plain: "",
    front: "M26,28h28M34,30l-6,51M40,30v52M46,30l6,51",
    back: "M26,28h28M40,20v18M32,30l-8,50M48,30l8,50",
    detail: "22,16,36,43",
};

pub(super) static DRESS: Drawing = Drawing {
    body: "M31,12h5q4,9,8,0h5l5,22-5,12,15,42H16l15-42-5-12z",
    trim: "M30.5,42h19L49,48H31z",
    plain: "",
    front: "M40,17v29M36,52l-8,36M44,52l8,36M42,24h1M42,31h1M42,38h1",
    back: "M31,46h18M40,17v37M36,52l-8,36M44,52l8,36",
    detail: "23,9,34,41",
};

pub(super) static SNEAKER: Drawing = Drawing {
    body: "M9,40q8,5,17-2l8-7,4,2q5,14,20,18,15,2,15,13v2H8z",
    trim: "M7,64h67q1,9-6,9H13q-6,0-6-9z",
    plain: "f4f0e6",
    front: "M33,40l8-5M36,45l8-5M40,49l8-4M9,48q10,4,14,16M52,64q0-8,6-12",
    back: "M22,42q10,14,28,8-8,12-32,14M9,46l11-3",
    detail: "22,26,40,48",
};

pub(super) static BOOT: Drawing = Drawing {
    body: "M22,16h22l1,28q2,8,14,10,13,2,13,14v2H20q-3-24,2-54z",
    trim: "M19,68h54v8H39v-3h-7v3H19z",
    plain: "432",
    front: "M38,24h7M38,31h7M39,38h7M41,45h7M21,22h10M33,16l3,30M36,46l8,4M54,68q0-9,6-14",
    back: "M21,22h23M33,16l-5,52M21,44h24",
    detail: "20,12,40,48",
};

pub(super) static SANDAL: Drawing = Drawing {
    body: "M9,64V34q12,7,24,0l9,30h-8l-5-18q-6,2-12,1v17zM46,64q1-17,10-18,11,3,14,18h-7q-2-9-6-11-4,2-4,11z",
    trim: "M7,62h66q3,10-5,10H13q-8,0-6-10z",
    plain: "c9a87a",
    front: "M24,36v8M28,38h4v5h-4zM9,40l8,2",
    back: "M9,40l8,2M21,37v8M52,48l6,7",
    detail: "10,28,40,48",
};

pub(super) static LOAFER: Drawing = Drawing {
    body: "M10,44q12,7,24-3,4,8,20,13,18,4,18,12H9z",
    trim: "M8,65h65v5H32v4H9z",
    plain: "543",
    front: "M54,54q-14,7-25,1l5-13M17,47l-1,18M44,49l-7,7",
    back: "M18,46v20M18,56h50",
    detail: "20,30,36,43",
};

pub(super) static BACKPACK: Drawing = Drawing {
    body: "M33,14v-2q0-6,7-6t7,6v2q14,3,14,18v44q0,8-8,8H27q-8,0-8-8V32q0-15,14-18h3q-1-5,4-5t4,5z",
    trim: "M19,62h42v16q0,8-8,8H27q-8,0-8-8z",
    plain: "",
    front: "M26,42h28v16H26zM26,47h28M44,47v5M28,34v-4h26",
    back: "M30,18l-3,62M36,18l-3,62M50,18l3,62M44,18l3,62",
    detail: "20,8,40,48",
};

pub(super) static TOTE: Drawing = Drawing {
    body: "M27,36q0-24,13-24t13,24h9l4,48H14l4-48zM31,36h18q0-20-9-20t-9,20z",
    trim: "M16.2,62h47.6l2.2,22H14z",
    plain: "",
    front: "M18,42h44M29,36v9M51,36v9M34,50h12v6H34z",
    back: "M18,42h44M29,36v9M51,36v9",
    detail: "18,28,42,50",
};

pub(super) static HAT: Drawing = Drawing {
    body: "M26,32q14-8,28,0l6,22q12,5,13,11-33,14-66,0,1-6,13-11z",
    trim: "M21.8,47q18.2,7,36.4,0l2,8q-20,8-40.4,0z",
    plain: "",
    front: "M54,32q-14,5-28,0M60,54q-20,9-40,0M68,61q-28,11-56,0",
    back: "M54,32q-14,5-28,0M60,54q-20,9-40,0M40,34v24",
    detail: "18,24,44,53",
};

pub(super) static CAP: Drawing = Drawing {
    body: "M10,58q0-30,28-30,25,0,26,29-26,6-54,1zM38,59q14,1,26-2,12,0,14,7-22,4-40-5z",
    trim: "M38,59q14,1,26-2,12,0,14,7-22,4-40-5z",
    plain: "",
    front: "M38,28v31M38,28q14,8,15,30M24,58l2-22M36,28h4",
    back: "M38,28v20M50,59q0-12-12-12t-12,12M36,28h4",
    detail: "20,22,40,48",
};

pub(super) static BEANIE: Drawing = Drawing {
    body: "M40,12a7,7,0,0,1,4,13q20,4,18,31h6v16H12V56h6q-2-27,18-31a7,7,0,0,1,4-13z",
    trim: "M12,56h56v16H12z",
    plain: "",
    front: "M12,56h56M22,58v12M31,58v12M40,58v12M49,58v12M58,58v12M32,27l-4,28M48,27l4,28",
    back: "M12,56h56M22,58v12M31,58v12M40,58v12M49,58v12M58,58v12M40,26v28",
    detail: "18,20,44,53",
};

pub(super) static SCARF: Drawing = Drawing {
    body: "M24,18q16,9,32,0l5,9q-7,7-17,9l5,50H36l-2-49q-10-3-15-10z",
    trim: "M35,62h12l1,6H35.5zM35.7,73h12.5l.5,6H36z",
    plain: "",
    front: "M44,37,29,30M56,19,40,32M39,80v6M42,80v6M45,80v6M37,44l8-3",
    back: "M24,19,40,32M34,37l18-9M39,80v6M42,80v6M45,80v6",
    detail: "16,12,42,50",
};

pub(super) static SUNGLASSES: Drawing = Drawing {
    body: "M7,38h66v5q-1,18-15,18-13,0-14-15-4-3-8,0-1,15-14,15Q8,61,7,43z",
    trim: "M12,43h19q-1,14-10,14-8,0-9-14zM49,43h19q-1,14-9,14-9,0-10-14z",
    plain: "89a",
    front: "M9,40h4M67,40h4",
    back: "M9,40h4M67,40h4M44,40h-8",
    detail: "4,30,40,48",
};

pub(super) static BELT: Drawing = Drawing {
    body: "M40,20a27,27,0,1,1-.1,0zM40,30a17,17,0,1,0,.1,0z",
    trim: "M58,38h15v18H58zM62,42v10h7V42z",
    plain: "c8a24a",
    front: "M31,69h.1M22,63h.1M40,71h.1M49,69h.1M64,47h8M58,31l-4,3M60,34l-4,3",
    back: "M31,69h.1M22,63h.1M52,22l-4,9M56,25l-4,9",
    detail: "36,20,40,48",
};

pub(super) static MITTEN: Drawing = Drawing {
    body: "M20,86V70h4V56l-9-12q-4-8,4-8l7,7V26q0-13,13-13t13,13v44h4v16z",
    trim: "M20,70h36v16H20z",
    plain: "",
    front: "M20,70h36M26,43v8M28,72v12M34,72v12M40,72v12M46,72v12M34,24l10,10M44,24L34,34",
    back: "M20,70h36M28,72v12M34,72v12M40,72v12M46,72v12",
    detail: "16,12,44,53",
};

pub(super) static UMBRELLA: Drawing = Drawing {
    body: "M39,17v-5h2v5q29,2,32,31-6-5-11,0-5-5-11,0-5-5-10,0v30q0,7-7,7t-6-8h3q0,5,3,5t4-4V48q-5-5-10,0-5-5-11,0-5-5-11,0,2-29,32-31z",
    trim: "M29,48q0-22,11-31,11,9,11,31-5-5-11,0-5-5-11,0z",
    plain: "",
    front: "M40,17,29,48M40,17,51,48M40,17,18,48M40,17,62,48",
    back: "M40,17,29,48M40,17,51,48M40,17v31",
    detail: "16,12,40,48",
};

pub(super) static SOCK: Drawing = Drawing {
    body: "M28,12h20v38l13,14q6,8,0,14-8,6-15-1L30,62q-2-3-2-7z",
    trim: "M28,12h20v7H28zM54,57l7,7q6,8,0,14-5,4-10,2-2-12,3-23z",
    plain: "",
    front: "M28,19h20M33,12v7M38,12v7M43,12v7M28,55l11-3M28,28h20",
    back: "M28,19h20M28,28h20M28,34h20M28,55l11-3",
    detail: "22,8,40,48",
};
